export { attemptsOf, type RemoteJob } from './remote-job.ts';
export { RemoteQueue } from './remote-queue.ts';
