export * from './emperor-bytes.ts';
export * from './worker-frame.ts';
