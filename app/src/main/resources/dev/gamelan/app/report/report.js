
// Shows the values of all lines at the place under the mouse.
document.querySelectorAll('figure.lines').forEach(figure => {
  const series = JSON.parse(figure.dataset.points);
  const svg = figure.querySelector('svg');
  const cursor = svg.querySelector('.cursor');
  const tip = figure.querySelector('.tip');
  const rows = tip.rows;
  const scale = svg.viewBox.baseVal.width;
  const near = (points, at) => {
    let low = 0, high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < at) low = middle; else high = middle;
    }
    return at - points[low][0] <= points[high][0] - at ? points[low] : points[high];
  };
  const show = value => {
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e15)) return value.toExponential(2);
    return value.toLocaleString('en', {maximumSignificantDigits: size >= 1e4 ? 9 : 5});
  };
  const hide = () => { tip.hidden = true; cursor.setAttribute('visibility', 'hidden'); };
  svg.addEventListener('pointerleave', hide);
  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const at = (event.clientX - box.left) * scale / box.width;
    let nearest = null;
    for (const points of series) {
      if (points.length === 0) continue;
      const point = near(points, at);
      if (nearest === null || Math.abs(point[0] - at) < Math.abs(nearest[0] - at)) nearest = point;
    }
    if (nearest === null) return hide();
    rows[0].cells[0].textContent = figure.dataset.x;
    rows[0].cells[1].textContent = show(nearest[1]);
    series.forEach((points, i) => {
      const point = points.length ? near(points, nearest[0]) : null;
      rows[i + 1].hidden = point === null;
      if (point) rows[i + 1].cells[1].textContent = show(point[2]);
    });
    cursor.setAttribute('x1', nearest[0]);
    cursor.setAttribute('x2', nearest[0]);
    cursor.setAttribute('visibility', 'visible');
    tip.hidden = false;
    const place = figure.getBoundingClientRect();
    const x = nearest[0] * box.width / scale + box.left - place.left;
    tip.style.left = (x + 12 + tip.offsetWidth > place.width ? x - 12 - tip.offsetWidth : x + 12) + 'px';
    tip.style.top = (box.top - place.top + 8) + 'px';
  });
});
