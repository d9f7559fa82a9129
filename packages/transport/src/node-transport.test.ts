import { testTransport } from './contract.test-support.ts';
import { NodeTransport } from './node-transport.ts';

testTransport('NodeTransport', () => new NodeTransport());
