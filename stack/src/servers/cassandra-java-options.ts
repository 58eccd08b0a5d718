/** Packages of the JDK that Cassandra 5.0 uses although they are closed since Java 17. */
const EXPORTED = [
  'java.base/jdk.internal.misc',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'java.base/java.lang.ref',
  'java.base/sun.nio.ch',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.util',
  'jdk.attach/sun.tools.attach',
  'jdk.compiler/com.sun.tools.javac.file',
  'jdk.unsupported/sun.misc',
];

const OPENED = [
  'java.base/java.lang.module',
  'java.base/java.net',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'jdk.management/com.sun.management.internal',
  'java.base/sun.nio.ch',
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.reflect',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
];

export const CASSANDRA_JAVA_OPTIONS: readonly string[] = [
  ...EXPORTED.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...OPENED.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
  '-Djdk.attach.allowAttachSelf=true',
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-Djava.awt.headless=true',
];

const FAST_START_OPTIONS: readonly string[] = [
  '-Dcassandra.superuser_setup_delay_ms=0',
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.shutdown_announce_in_ms=0',
];

/** There are no other nodes to hear from, to announce a stop to, or to wait for. */
export const LONE_NODE_OPTIONS: readonly string[] = [...FAST_START_OPTIONS, '-Dcassandra.ring_delay_ms=1000'];

/**
 * Also the time after which a node that is not yet in the ring and says nothing is forgotten: of nodes that start together on
 * a busy machine a short one makes a cluster in which changes of the schema do not reach all of them.
 */
export const CLUSTER_NODE_OPTIONS: readonly string[] = [
  ...FAST_START_OPTIONS,
  '-Dcassandra.ring_delay_ms=15000',
  '-Dcassandra.consistent.rangemovement=false',
];
