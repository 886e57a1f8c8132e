import { Component, type ReactNode } from 'react';

interface Props {
  readonly children: ReactNode;
}

/** The last net: a fault of the page itself leaves words and a way on, not an empty window. */
export class FaultBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="start">
        <section className="start-panel" role="alert">
          <h1>This page has failed</h1>
          <p className="lead">
            It is our fault, not yours. Load it again; if it stays so, the browser’s console says why.
          </p>
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Load again
          </button>
        </section>
      </main>
    );
  }
}
