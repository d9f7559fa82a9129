/** Who the processes are and what they may do. */
export const PRIVILEGES = {
  uid: { kind: 'text', help: 'user of the processes, name or number' },
  gid: { kind: 'text', help: 'group of the processes, name or number' },
  'add-gid': { kind: 'list', help: 'further group of the processes' },
  'no-initgroups': { kind: 'flag', help: 'leave the further groups of the user out' },
  'master-as-root': { kind: 'flag', help: 'drop privileges only in the workers' },
  'drop-after-init': { kind: 'flag', help: 'drop privileges after the interpreter is started' },
  'drop-after-apps': { kind: 'flag', help: 'drop privileges after the apps are loaded' },
  chroot: { kind: 'text', help: 'directory that the app sees as the whole file system' },
  unshare: { kind: 'list', help: 'namespaces of its own: ipc, fs (or mount), net, uts; several with commas' },
  umask: { kind: 'mode', help: 'permissions new files do not get, octal' },
  cgroup: { kind: 'list', help: 'put the processes into the control group at PATH' },
  'cgroup-opt': { kind: 'list', help: 'set a value of the control group, NAME=VALUE' },
  'cgroup-dir-mode': { kind: 'mode', help: 'permissions of the control group directory, octal' },
  'force-cwd': { kind: 'text', help: 'working directory to start in' },
  binsh: { kind: 'list', help: 'shell to run commands with' },
} as const;
