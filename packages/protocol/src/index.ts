export * from './emperor-bytes.ts';
