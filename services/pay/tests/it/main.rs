//! The service as its neighbours see it.
