// Elastic's agent as its guide sets it up.
import { init } from '@elastic/apm-rum';

init({ serviceName: 'bench', serverUrl: window.COLLECTOR });
