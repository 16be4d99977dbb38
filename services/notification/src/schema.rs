//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    bodies (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
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
        grades -> Jsonb,
        cancelled -> Bool,
        name -> Nullable<Text>,
        stages -> Jsonb,
    }
}

diesel::table! {
    delegations (company_id, id) {
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
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        email -> Nullable<Text>,
        locale -> Text,
        left_on -> Nullable<Date>,
        version -> BigInt,
        roles -> Array<Text>,
        superior -> Nullable<Text>,
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
        invitation -> Nullable<Text>,
    }
}

diesel::table! {
    news (company_id, id) {
        company_id -> Uuid,
        id -> BigInt,
    }
}

diesel::table! {
    reminders (company_id) {
        company_id -> Uuid,
        looked_on -> Nullable<Date>,
        escalate_after -> Nullable<Integer>,
        undated_every -> Integer,
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
    seats (company_id, body, place) {
        company_id -> Uuid,
        body -> Text,
        place -> Integer,
        number -> Text,
        office -> Text,
        from_on -> Date,
        until_on -> Nullable<Date>,
    }
}

diesel::table! {
    tasks (company_id, cycle, source, key) {
        company_id -> Uuid,
        cycle -> Uuid,
        source -> Text,
        key -> Text,
        stage -> Text,
        label_zh -> Text,
        label_en -> Text,
        holder -> Text,
        about -> Text,
        about_name -> Text,
        count -> BigInt,
        due -> Nullable<Date>,
        operation -> Text,
        path -> Text,
        done -> Bool,
        version -> BigInt,
        scheme_zh -> Nullable<Text>,
        scheme_en -> Nullable<Text>,
        period -> Nullable<Text>,
        opened_on -> Date,
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
    bodies,
    cycles,
    delegations,
    employees,
    mails,
    news,
    reminders,
    results,
    seats,
    tasks,
    working_calendars,
}
