//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    appeals (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        position -> BigInt,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        about -> Text,
        place -> Nullable<Text>,
        result_version -> Nullable<BigInt>,
        appellant -> Text,
        filed_by -> Text,
        on_paper -> Bool,
        known_on -> Nullable<Date>,
        filed_on -> Date,
        grounds -> Text,
        state -> Text,
        verdict -> Nullable<Text>,
        level -> Integer,
        respond_by -> Nullable<Date>,
        until -> Nullable<Date>,
        withdrawn_why -> Nullable<Text>,
        made_at -> Timestamptz,
        version -> BigInt,
    }
}

diesel::table! {
    cycles (company_id, cycle) {
        company_id -> Uuid,
        cycle -> Uuid,
        name_zh -> Text,
        name_en -> Text,
        period -> Text,
        terms -> Nullable<Jsonb>,
        cancelled -> Bool,
        told -> Bool,
    }
}

diesel::table! {
    hearing_notes (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        appeal -> Uuid,
        text -> Text,
        by -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    remedies (company_id, appeal, attempt) {
        company_id -> Uuid,
        appeal -> Uuid,
        attempt -> Integer,
        reason -> Text,
        decided_by -> Array<Text>,
        changes -> Jsonb,
        reassess -> Nullable<Jsonb>,
        step -> Nullable<Uuid>,
        told_at -> Nullable<Timestamptz>,
        told_by -> Text,
        refused_zh -> Nullable<Text>,
        refused_en -> Nullable<Text>,
        done_at -> Nullable<Timestamptz>,
        done_version -> Nullable<BigInt>,
        redo -> Nullable<Jsonb>,
    }
}

diesel::table! {
    results (company_id, cycle, kind, subject, version) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        version -> BigInt,
        known_on -> Date,
        excluded -> Nullable<Text>,
        score -> Nullable<Text>,
        grade -> Nullable<Text>,
        involved -> Array<Text>,
        told_on -> Nullable<Date>,
    }
}

diesel::table! {
    subjects (company_id, cycle, kind, subject) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        name -> Text,
        unit -> Nullable<Text>,
        superior -> Nullable<Text>,
        superior_above -> Nullable<Text>,
        head -> Nullable<Text>,
        leader -> Nullable<Text>,
        dotted -> Nullable<Text>,
        left_out -> Bool,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    appeals,
    cycles,
    hearing_notes,
    remedies,
    results,
    subjects,
}
