//! Has the sandbox do, again and again, what time asks for: read changed scenarios and the like.

use std::sync::Arc;
use std::time::Duration;

use crate::call::Sandbox;

/// How often.
const INTERVAL: Duration = Duration::from_millis(500);

/// Never ends. Files are read on a thread of their own, so that a slow disk slows no call.
pub async fn watch(sandbox: Arc<Sandbox>) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let sandbox = Arc::clone(&sandbox);
        // an error says that the look panicked, which its own message has told
        let _ = tokio::task::spawn_blocking(move || sandbox.tick()).await;
    }
}
