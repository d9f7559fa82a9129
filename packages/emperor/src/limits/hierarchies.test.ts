import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readHierarchies } from './hierarchies.ts';

test('readHierarchies finds the unified hierarchy of a service', () => {
  const mounts = '29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
  assert.deepEqual(readHierarchies(mounts, '0::/system.slice/emperor.service\n'), [
    { version: 2, controllers: [], directory: '/sys/fs/cgroup/system.slice/emperor.service' },
  ]);
});

test('readHierarchies finds the hierarchies of version 1, and where this process is in each', () => {
  const mounts = [
    '31 29 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
    '32 29 0:28 /docker/7f /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    '33 29 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
    '25 1 0:5 / /proc rw - proc proc rw',
  ];
  const groups = ['5:cpu,cpuacct:/', '4:memory:/docker/7f/inner', '1:name=systemd:/', ''];
  assert.deepEqual(readHierarchies(mounts.join('\n'), groups.join('\n')), [
    { version: 1, controllers: ['cpu', 'cpuacct'], directory: '/sys/fs/cgroup/cpu,cpuacct' },
    { version: 1, controllers: ['memory'], directory: '/sys/fs/cgroup/memory/inner' },
    { version: 1, controllers: ['name=systemd'], directory: '/sys/fs/cgroup/systemd' },
  ]);
});
