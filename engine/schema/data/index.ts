import gv14 from './admissionregistration.k8s.io.v1.json' with { type: 'json' }
import gv15 from './apiextensions.k8s.io.v1.json' with { type: 'json' }
import gv1 from './apiregistration.k8s.io.v1.json' with { type: 'json' }
import gv2 from './apps.v1.json' with { type: 'json' }
import gv4 from './authentication.k8s.io.v1.json' with { type: 'json' }
import gv5 from './authorization.k8s.io.v1.json' with { type: 'json' }
import gv7 from './autoscaling.v1.json' with { type: 'json' }
import gv6 from './autoscaling.v2.json' with { type: 'json' }
import gv8 from './batch.v1.json' with { type: 'json' }
import gv9 from './certificates.k8s.io.v1.json' with { type: 'json' }
import gv17 from './coordination.k8s.io.v1.json' with { type: 'json' }
import gv0 from './core.v1.json' with { type: 'json' }
import gv19 from './discovery.k8s.io.v1.json' with { type: 'json' }
import gv3 from './events.k8s.io.v1.json' with { type: 'json' }
import gv21 from './flowcontrol.apiserver.k8s.io.v1.json' with { type: 'json' }
import gv22 from './metrics.k8s.io.v1beta1.json' with { type: 'json' }
import gv10 from './networking.k8s.io.v1.json' with { type: 'json' }
import gv18 from './node.k8s.io.v1.json' with { type: 'json' }
import gv11 from './policy.v1.json' with { type: 'json' }
import gv12 from './rbac.authorization.k8s.io.v1.json' with { type: 'json' }
import gv20 from './resource.k8s.io.v1.json' with { type: 'json' }
import gv16 from './scheduling.k8s.io.v1.json' with { type: 'json' }
import shared from './shared.json' with { type: 'json' }
import gv13 from './storage.k8s.io.v1.json' with { type: 'json' }

/** In the order in which the cluster showed them. Written by record-schemas. */
export const groupVersionFiles: readonly unknown[] = [
  gv0,
  gv1,
  gv2,
  gv3,
  gv4,
  gv5,
  gv6,
  gv7,
  gv8,
  gv9,
  gv10,
  gv11,
  gv12,
  gv13,
  gv14,
  gv15,
  gv16,
  gv17,
  gv18,
  gv19,
  gv20,
  gv21,
  gv22,
]
export const sharedFile: unknown = shared
