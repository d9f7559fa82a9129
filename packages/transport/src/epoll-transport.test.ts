import { testTransport } from './contract.test-support.ts';
import { EpollTransport } from './epoll-transport.ts';

testTransport('EpollTransport', () => new EpollTransport());
