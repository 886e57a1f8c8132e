import type { Dashboard } from '@grafana/schema';
import { dashboard, PROFILE, REGION } from '../dashboard.js';
import { conversation } from './calls-conversation.js';
import { cost, drift, resilience, speed } from './calls-providers.js';
import { glance, response } from './calls-response.js';
import { ear, stages, waterfall } from './calls-stages.js';

export const calls: Dashboard = dashboard({
  uid: 'turnwise-calls',
  title: 'Turnwise calls',
  description: 'How fast the agent answers, where the time goes, and what is done about it.',
  variables: [PROFILE, REGION],
  rows: [glance, response, waterfall, ear, stages, conversation, speed, resilience, drift, cost],
});
