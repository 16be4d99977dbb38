//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    audit_entries (seq) {
        seq -> BigInt,
        company_id -> Uuid,
        at -> Timestamptz,
        account -> Nullable<Uuid>,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Jsonb,
    }
}

diesel::table! {
    audit_heads (company_id) {
        company_id -> Uuid,
        place -> BigInt,
        hash -> Binary,
        sealed_at -> Timestamptz,
    }
}

diesel::table! {
    audit_seals (company_id, place) {
        company_id -> Uuid,
        place -> BigInt,
        entry -> BigInt,
        hash -> Binary,
        version -> SmallInt,
    }
}

diesel::table! {
    dead_letters (event_id) {
        event_id -> Uuid,
        tenant -> Uuid,
        stream -> Text,
        event -> Text,
        reason -> Text,
        deliveries -> BigInt,
        buried_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (company_id, account, key) {
        company_id -> Uuid,
        account -> Uuid,
        key -> Text,
        request_hash -> Binary,
        status -> Nullable<SmallInt>,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        body -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    inbox (event_id) {
        event_id -> Uuid,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (position) {
        position -> BigInt,
        id -> Uuid,
        tenant -> Uuid,
        kind -> Text,
        event -> Text,
        created_at -> Timestamptz,
        epoch -> Nullable<Text>,
        stream_id -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    audit_entries,
    audit_heads,
    audit_seals,
    dead_letters,
    idempotency_keys,
    inbox,
    outbox,
}
