// What the browser paints, measured: the contrast of every text on the page to what is behind it (WCAG 2.2, 1.4.3).

// The texts below `least`, as `text: ratio`.
export function faintTexts(page, least = 4.5) {
  return page.evaluate((wanted) => {
    const channels = (colour) => {
      const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
      return { rgb: [r, g, b], a };
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let node = element; node; node = node.parentElement) {
        const { rgb, a } = channels(getComputedStyle(node).backgroundColor);
        if (a === 1) return rgb;
      }
      return [255, 255, 255];
    };
    const faint = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const text = texts.currentNode.textContent.trim();
      if (!text || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName) || !element.checkVisibility()) continue;
      const [one, other] = [luminance(channels(getComputedStyle(element).color).rgb), luminance(behind(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (ratio < wanted) faint.add(`${text}: ${ratio.toFixed(2)}`);
    }
    return [...faint];
  }, least);
}
