//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    acknowledgements (company_id, client) {
        company_id -> Uuid,
        client -> Uuid,
        name -> Text,
        cursor -> BigInt,
        acknowledged_at -> Timestamptz,
    }
}

diesel::table! {
    batches (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        no -> Integer,
        state -> Text,
        step -> Nullable<Uuid>,
        version -> BigInt,
        opened_at -> Timestamptz,
        issued_at -> Nullable<Timestamptz>,
        people -> Nullable<Integer>,
        totals -> Nullable<Jsonb>,
        differences -> Nullable<Jsonb>,
    }
}

diesel::table! {
    cycle_people (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        name -> Text,
        unit -> Nullable<Text>,
        category -> Nullable<Text>,
        standing -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    cycles (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        scheme_code -> Text,
        scheme_source -> Text,
        cadence -> Text,
        period -> Text,
        last_day -> Date,
        parameters -> Jsonb,
        company_facts -> Jsonb,
        results_published -> Nullable<BigInt>,
        company_carried -> Nullable<Jsonb>,
        cancelled -> Nullable<Text>,
        publications -> Jsonb,
        publication_begun -> Integer,
    }
}

diesel::table! {
    drafts (company_id, batch, number) {
        company_id -> Uuid,
        batch -> Uuid,
        number -> Text,
        cycle -> Uuid,
        result_version -> BigInt,
        reckoning -> Uuid,
        reckoned -> Text,
        entry -> Jsonb,
    }
}

diesel::table! {
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        near -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    feed_counters (company_id) {
        company_id -> Uuid,
        last -> BigInt,
    }
}

diesel::table! {
    held_results (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        unit -> Text,
        version -> BigInt,
        held -> Jsonb,
        missing -> Array<Text>,
        problem -> Nullable<Text>,
        due -> Bool,
        settled -> Bool,
        held_at -> Timestamptz,
    }
}

diesel::table! {
    paid_facts (company_id, cycle, number, name, no) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        name -> Text,
        no -> BigInt,
        value -> Nullable<Jsonb>,
        by -> Text,
        at -> Timestamptz,
        reason -> Text,
    }
}

diesel::table! {
    pay_profile_revisions (company_id, number, version) {
        company_id -> Uuid,
        number -> Text,
        version -> BigInt,
        effective_on -> Date,
        inputs -> Jsonb,
        changed_by -> Nullable<Text>,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    pay_profiles (company_id, number, effective_on) {
        company_id -> Uuid,
        number -> Text,
        effective_on -> Date,
        inputs -> Jsonb,
        version -> BigInt,
        changed_at -> Timestamptz,
        changed_by -> Nullable<Text>,
    }
}

diesel::table! {
    pay_warnings (company_id, cycle, unit, code) {
        company_id -> Uuid,
        cycle -> Uuid,
        unit -> Text,
        code -> Text,
    }
}

diesel::table! {
    profile_check_values (company_id, profile_check, number, input) {
        company_id -> Uuid,
        profile_check -> Uuid,
        number -> Text,
        input -> Text,
        before -> Nullable<Text>,
        value -> Nullable<Text>,
        state -> Text,
    }
}

diesel::table! {
    profile_checks (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        effective_on -> Date,
        chain -> Jsonb,
        scheme_zh -> Text,
        scheme_en -> Text,
        reported_by -> Text,
        reported_at -> Timestamptz,
        sha256 -> Nullable<Text>,
        step -> Nullable<Uuid>,
    }
}

diesel::table! {
    reckonings (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        basis -> Text,
        reckoned_at -> Timestamptz,
    }
}

diesel::table! {
    statements (company_id, position) {
        company_id -> Uuid,
        position -> BigInt,
        id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        result_version -> BigInt,
        issued_at -> Timestamptz,
        document -> Text,
        explanation -> Nullable<Text>,
        reckoning -> Nullable<Uuid>,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    acknowledgements,
    batches,
    cycle_people,
    cycles,
    drafts,
    employees,
    feed_counters,
    held_results,
    paid_facts,
    pay_profile_revisions,
    pay_profiles,
    pay_warnings,
    profile_check_values,
    profile_checks,
    reckonings,
    statements,
}
