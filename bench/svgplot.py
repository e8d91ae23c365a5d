"""Line plots as small SVG files, for the pages of docs/cells."""
import math

COLOURS = ("#1b6ca8", "#c0392b", "#2e7d32", "#8e44ad", "#b9770e", "#455a64")


def nice(value):
    return f"{value:.3g}"


def ticks(low, high, log):
    if log:
        return [10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
                if low <= 10.0**e <= high * 1.0001]
    step = 10 ** math.floor(math.log10((high - low) / 2))
    while (high - low) / step > 6:
        step *= 2 if str(step).lstrip("0.")[0] != "2" else 2.5
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, int(high / step + 1e-9) + 1)]


def plot(path, title, x_label, y_label, series, log=False):
    """series: (name, xs, ys) each; log: a logarithmic y axis (values <= 0 are left out)."""
    series = [(name, [(x, y) for x, y in zip(xs, ys) if not log or y > 0]) for name, xs, ys in series]
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    if log:
        y0, y1 = 10 ** math.floor(math.log10(y0)), 10 ** math.ceil(math.log10(y1))
    else:
        margin = 0.06 * ((y1 - y0) or 1)
        y0, y1 = y0 - margin, y1 + margin
    left, right, top, bottom, width, height = 78, 16, 34, 46, 560, 320
    scale = math.log10 if log else (lambda v: v)
    px = lambda x: left + (x - x0) / ((x1 - x0) or 1) * (width - left - right)
    py = lambda y: height - bottom - (scale(y) - scale(y0)) / (scale(y1) - scale(y0)) * (height - top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="sans-serif" font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{left}" y="20" font-size="14">{title}</text>']
    for x in ticks(x0, x1, False):
        out.append(f'<path d="M{px(x):.1f} {top}V{height - bottom}" stroke="#ddd"/>'
                   f'<text x="{px(x):.1f}" y="{height - bottom + 16}" text-anchor="middle">{nice(x)}</text>')
    for y in ticks(y0, y1, log):
        out.append(f'<path d="M{left} {py(y):.1f}H{width - right}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{py(y) + 4:.1f}" text-anchor="end">{nice(y)}</text>')
    out.append(f'<rect x="{left}" y="{top}" width="{width - left - right}" height="{height - top - bottom}" fill="none" stroke="#333"/>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">{x_label}</text>')
    out.append(f'<text transform="translate(16 {(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">{y_label}</text>')
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        path_data = "M" + "L".join(f"{px(x):.1f} {py(y):.1f}" for x, y in points)
        out.append(f'<path d="{path_data}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        if len(series) > 1:
            y = top + 16 + 16 * i
            out.append(f'<path d="M{left + 10} {y - 4}h18" stroke="{colour}" stroke-width="2"/>'
                       f'<text x="{left + 34}" y="{y}">{name}</text>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")
