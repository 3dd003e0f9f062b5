/** Draws entries when they come near the window: a thousand at once would keep the page from answering. */

const AHEAD = "800px 0px";

export function drawInView(entries) {
  const byNode = new Map(entries.map((entry) => [entry.node, entry]));
  const observer = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        byNode.get(target).draw();
      }
    },
    { rootMargin: AHEAD },
  );
  for (const { node } of entries) observer.observe(node);
}
