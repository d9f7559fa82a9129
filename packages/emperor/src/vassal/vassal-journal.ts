import type { EmperorEventListener, VassalReport } from '../events.ts';
import { LineTail } from './line-tail.ts';
import { VassalHistory, type VassalMoments } from './vassal-history.ts';
import type { OutputListener } from './vassal-output.ts';
import { FAILING_FROM } from './vassal-death.ts';

/** Lines of output kept for those who ask why. */
const TAIL_LINES = 50;

/** Of them those that a log entry repeats. */
const TOLD_LINES = 10;

/** What is known of the past of one vassal, and who is told of it. */
export class VassalJournal {
  readonly #tell: EmperorEventListener;
  readonly #tail = new LineTail(TAIL_LINES);
  readonly #history = new VassalHistory();

  constructor(tell: EmperorEventListener) {
    this.#tell = tell;
  }

  get moments(): VassalMoments {
    return this.#history.moments;
  }

  get lastLines(): readonly string[] {
    return this.#tail.lines;
  }

  /** What it wrote since it was last started or asked to reload. */
  get linesOfLastTry(): readonly string[] {
    return this.#tail.linesSinceMark;
  }

  /** What it wrote in the try before that. */
  get linesOfTryBefore(): readonly string[] {
    return this.#tail.linesBeforeMark;
  }

  /** It is started, or asked to reload. */
  beginTry(): void {
    this.#tail.mark();
  }

  /** A former emperor launched its process, at this Unix time in milliseconds. */
  adopted(launchedAt: number): void {
    this.#history.adopted(launchedAt);
  }

  heartbeat(): void {
    this.#history.heartbeat(Date.now());
  }

  report(report: VassalReport): void {
    this.#history.note(report, Date.now());
    this.#tell(report);
    if (report.type !== 'vassal-exited' || report.failures !== FAILING_FROM) return;
    const { vassal, exit, failures, retryMs = 0 } = report;
    const lastLines = this.linesOfLastTry.slice(-TOLD_LINES);
    this.#tell({ type: 'vassal-failing', vassal, exit, failures, retryMs, lastLines });
  }

  /** Of one stream of what it writes. */
  output(vassal: string, stream: 'stdout' | 'stderr'): OutputListener {
    return {
      onLine: (line) => {
        this.#tail.push(line);
        this.#tell({ type: 'vassal-output', vassal, stream, line });
      },
      onDropped: (lines) => this.#tell({ type: 'vassal-output-dropped', vassal, lines }),
    };
  }
}
