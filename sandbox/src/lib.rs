//! Stand-ins for the outside: an auth system, an SMS gateway, webhook receivers, faults on demand.
