import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import './styles/base.css';
import './styles/start.css';
import './styles/orb.css';
import './styles/transcript.css';
import './styles/timing.css';
// Last: it arranges what the others draw.
import './styles/call.css';
import { App } from './ui/app.js';
import { FaultBoundary } from './ui/fault-boundary.js';

// The page's security policy forbids making code from text, which zod would try for speed.
z.config({ jitless: true });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <FaultBoundary>
      <App />
    </FaultBoundary>
  </StrictMode>,
);
