//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    cycles (company_id, cycle) {
        company_id -> Uuid,
        cycle -> Uuid,
        name_zh -> Text,
        name_en -> Text,
        period -> Text,
        grades -> Jsonb,
        cancelled -> Bool,
    }
}

diesel::table! {
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        email -> Nullable<Text>,
        locale -> Text,
        left_on -> Nullable<Date>,
        version -> BigInt,
    }
}

diesel::table! {
    mails (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        position -> BigInt,
        dedupe_key -> Text,
        kind -> Text,
        recipient -> Text,
        address -> Nullable<Text>,
        locale -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        tries -> Integer,
        next_try_at -> Nullable<Timestamptz>,
        leased_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reminders (company_id) {
        company_id -> Uuid,
        looked_on -> Nullable<Date>,
        stale -> Bool,
    }
}

diesel::table! {
    results (company_id, cycle, number, version) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        version -> BigInt,
        score -> Nullable<Text>,
        grade -> Nullable<Text>,
        excluded -> Nullable<Text>,
    }
}

diesel::table! {
    work_items (company_id, cycle, source, key) {
        company_id -> Uuid,
        cycle -> Uuid,
        source -> Text,
        key -> Text,
        label_zh -> Text,
        label_en -> Text,
        assignee -> Text,
        subject -> Text,
        subject_name -> Text,
        due -> Nullable<Date>,
        done -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    working_calendars (company_id) {
        company_id -> Uuid,
        non_working_days -> Array<Date>,
        working_days -> Array<Date>,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    cycles,
    employees,
    mails,
    reminders,
    results,
    work_items,
    working_calendars,
}
