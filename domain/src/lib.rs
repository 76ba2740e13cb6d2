//! What the system is: flows, their states, and the verbs that move them.
