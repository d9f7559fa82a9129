import { testTransport } from './contract/transport.test-support.ts';
import { NodeTransport } from './node-transport.ts';

testTransport('NodeTransport', () => new NodeTransport());
