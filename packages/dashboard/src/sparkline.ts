const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 72;
const HEIGHT = 20;

/** A small line of values, oldest first; gaps where nothing is known. */
export function sparkline(values: readonly (number | null)[], label: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'sparkline');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', pathOf(values));
  path.setAttribute('fill', 'none');
  path.setAttribute('stroke', 'currentColor');
  path.setAttribute('stroke-width', '1.5');
  svg.append(path);
  return svg;
}

function pathOf(values: readonly (number | null)[]): string {
  const highest = Math.max(1, ...values.filter((value) => value !== null));
  const step = WIDTH / Math.max(1, values.length - 1);
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return '';
      }
      const command = isDrawing ? 'L' : 'M';
      isDrawing = true;
      const y = HEIGHT - 1 - (value / highest) * (HEIGHT - 2);
      return `${command}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
