//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    decisions (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        step -> Uuid,
        round -> Integer,
        actor -> Text,
        verdict -> Text,
        reason -> Text,
        detail -> Jsonb,
        by -> Text,
        session -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    directory_bodies (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        seats -> Jsonb,
        version -> BigInt,
        rule -> Jsonb,
    }
}

diesel::table! {
    directory_calendars (company_id) {
        company_id -> Uuid,
        non_working_days -> Array<Date>,
        working_days -> Array<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    directory_delegations (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        delegator -> Text,
        delegate -> Text,
        purpose -> Text,
        from_on -> Date,
        until_on -> Date,
        revoked -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    directory_people (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        roles -> Array<Text>,
        left_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    documents (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        about -> Nullable<Text>,
        name -> Text,
        media_type -> Text,
        size -> Integer,
        sha256 -> Text,
        bytes -> Binary,
        by -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    panels (company_id, step, number) {
        company_id -> Uuid,
        step -> Uuid,
        number -> Text,
        represents -> Nullable<Text>,
        withdrew_why -> Nullable<Text>,
        fills -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        step -> Uuid,
        body -> Text,
        held_on -> Date,
        present -> Array<Text>,
        withdrew -> Array<Text>,
        votes_for -> Nullable<Integer>,
        votes_against -> Nullable<Integer>,
        abstained -> Nullable<Integer>,
        minutes -> Text,
        by -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    step_tasks (company_id, step, holder) {
        company_id -> Uuid,
        step -> Uuid,
        holder -> Text,
        due -> Nullable<Date>,
        done -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    steps (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        about -> Text,
        place -> Integer,
        round -> Integer,
        actors -> Array<Text>,
        state -> Text,
        opened_on -> Date,
        due -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        overdue_told -> Bool,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    decisions,
    directory_bodies,
    directory_calendars,
    directory_delegations,
    directory_people,
    documents,
    panels,
    sessions,
    step_tasks,
    steps,
}
