import type uPlot from 'uplot';

import type { Samples } from './api.ts';
import { element } from './dom.ts';

/** Served by the emperor; loaded only by those who look at one vassal. */
const LIBRARY = '/uPlot.esm.js';

const HEIGHT = 170;
const MEGABYTE = 1024 * 1024;

interface Line {
  readonly label: string;
  readonly color: string;
  readonly values: (samples: Samples) => (number | null)[];
}

interface Plot {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PLOTS: readonly Plot[] = [
  {
    title: 'Requests per second',
    lines: [{ label: 'requests/s', color: '#7a5cff', values: ({ requestsPerSecond }) => requestsPerSecond }],
  },
  {
    title: 'Latency in milliseconds',
    lines: [
      { label: 'p50', color: '#2f9e6e', values: ({ p50Ms }) => p50Ms },
      { label: 'p95', color: '#c98a1b', values: ({ p95Ms }) => p95Ms },
      { label: 'p99', color: '#d1495b', values: ({ p99Ms }) => p99Ms },
    ],
  },
  {
    title: 'Private memory in megabytes',
    lines: [
      {
        label: 'MB',
        color: '#3d8bd9',
        values: ({ privateBytes }) => privateBytes.map((bytes) => (bytes === null ? null : bytes / MEGABYTE)),
      },
    ],
  },
];

/** The plots of one vassal over the last hour. */
export class Plots {
  readonly element: HTMLElement = element('div', { class: 'plots' });
  readonly #charts: { readonly plot: Plot; readonly chart: uPlot; readonly figure: HTMLElement }[] = [];
  readonly #resized = new ResizeObserver(() => this.#fit());

  /** To be called when the element is in the page. */
  async show(samples: Samples): Promise<void> {
    const { default: Chart } = (await import(LIBRARY)) as { default: typeof uPlot };
    for (const plot of PLOTS) {
      const figure = element('figure', { class: 'plot' }, element('figcaption', {}, plot.title));
      this.element.append(figure);
      const chart = new Chart(optionsOf(plot, widthOf(figure)), dataOf(plot, samples), figure);
      this.#charts.push({ plot, chart, figure });
    }
    this.#resized.observe(this.element);
  }

  update(samples: Samples): void {
    for (const { plot, chart } of this.#charts) chart.setData(dataOf(plot, samples));
  }

  close(): void {
    this.#resized.disconnect();
    for (const { chart } of this.#charts) chart.destroy();
  }

  #fit(): void {
    for (const { chart, figure } of this.#charts) chart.setSize({ width: widthOf(figure), height: HEIGHT });
  }
}

function widthOf(figure: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(figure);
  return Math.max(160, figure.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight));
}

function dataOf({ lines }: Plot, samples: Samples): uPlot.AlignedData {
  return [samples.times, ...lines.map(({ values }) => values(samples))];
}

/** The legend has the values under the pointer; while there is none, the last. */
function showLatest(chart: uPlot): void {
  const [times] = chart.data;
  if (times.length > 0 && typeof chart.cursor.idx !== 'number') chart.setLegend({ idx: times.length - 1 });
}

/** `10:02:11`; whole minutes without their seconds. */
function timeText(seconds: number | null): string {
  return seconds === null ? '–' : new Date(seconds * 1000).toTimeString().slice(0, seconds % 60 === 0 ? 5 : 8);
}

function optionsOf({ lines }: Plot, width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const axis = {
    stroke: style.getPropertyValue('--muted'),
    grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    ticks: { stroke: style.getPropertyValue('--line'), width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    axes: [
      { ...axis, values: (_chart, seconds) => seconds.map(timeText) },
      { ...axis, size: 56 },
    ],
    hooks: { draw: [showLatest] },
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] } },
    series: [
      { label: 'at', value: (_chart, seconds) => timeText(seconds) },
      ...lines.map(({ label, color }) => ({
        label,
        stroke: color,
        width: 1.5,
        value: (_chart: uPlot, value: number | null) => (value === null ? '–' : value.toFixed(1)),
      })),
    ],
  };
}
