//! The process: command line, composition, and the machine doors.
