//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    assignments (company_id, number, from_on) {
        company_id -> Uuid,
        number -> Text,
        from_on -> Date,
        unit -> Text,
        position -> Nullable<Text>,
        category -> Nullable<Text>,
        superior -> Nullable<Text>,
        dotted_superior -> Nullable<Text>,
    }
}

diesel::table! {
    cycle_stages (company_id, cycle, code) {
        company_id -> Uuid,
        cycle -> Uuid,
        place -> Integer,
        code -> Text,
        label_zh -> Text,
        label_en -> Text,
        activity -> Nullable<Text>,
        opens -> Date,
        due -> Nullable<Date>,
    }
}

diesel::table! {
    cycle_units (company_id, cycle, code) {
        company_id -> Uuid,
        cycle -> Uuid,
        code -> Text,
        name -> Text,
        category -> Nullable<Text>,
        head -> Nullable<Text>,
        leader -> Nullable<Text>,
        facts -> Jsonb,
        plan_state -> Text,
        reason -> Nullable<Text>,
        submitted_by -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    cycles (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        scheme_code -> Text,
        scheme_version -> Integer,
        cadence -> Text,
        period -> Text,
        parameters -> Jsonb,
        company_facts -> Jsonb,
        as_of -> Date,
        state -> Text,
        has_targets -> Bool,
        has_plans -> Bool,
        has_unit_plans -> Bool,
        has_settling -> Bool,
        participants -> BigInt,
        opened_at -> Timestamptz,
        released_at -> Nullable<Timestamptz>,
        published_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        roles -> Jsonb,
        version -> BigInt,
    }
}

diesel::table! {
    participants (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        name -> Text,
        unit -> Text,
        position -> Nullable<Text>,
        category -> Nullable<Text>,
        superior -> Nullable<Text>,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
    }
}

diesel::table! {
    plan_editions (company_id, plan, edition) {
        company_id -> Uuid,
        plan -> Uuid,
        edition -> Integer,
        goals -> Jsonb,
        reason -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<Timestamptz>,
        superseded_at -> Timestamptz,
    }
}

diesel::table! {
    plans (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        edition -> Integer,
        state -> Text,
        goals -> Jsonb,
        reason -> Nullable<Text>,
        submitted_by -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    schemes (company_id, code, version) {
        company_id -> Uuid,
        code -> Text,
        version -> Integer,
        name_zh -> Text,
        name_en -> Text,
        source -> Text,
        uploaded_by -> Text,
        uploaded_at -> Timestamptz,
    }
}

diesel::table! {
    scoring_tasks (company_id, cycle, key) {
        company_id -> Uuid,
        cycle -> Uuid,
        key -> Text,
        stage -> Text,
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
    sheets (company_id, cycle, number) {
        company_id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        weights -> Jsonb,
        priorities -> Jsonb,
        settled_by -> Text,
        settled_at -> Timestamptz,
        version -> BigInt,
    }
}

diesel::table! {
    targets (company_id, id) {
        company_id -> Uuid,
        id -> Uuid,
        cycle -> Uuid,
        unit -> Nullable<Text>,
        employee -> Nullable<Text>,
        title -> Text,
        measure -> Nullable<Text>,
        amount -> Nullable<Numeric>,
        due -> Nullable<Date>,
        author -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tasks (company_id, cycle, key) {
        company_id -> Uuid,
        cycle -> Uuid,
        key -> Text,
        stage -> Text,
        activity -> Text,
        assignee -> Text,
        subject -> Text,
        subject_name -> Text,
        due -> Nullable<Date>,
        done -> Bool,
        version -> BigInt,
        told -> Bool,
    }
}

diesel::table! {
    units (company_id, code) {
        company_id -> Uuid,
        code -> Text,
        name -> Text,
        parent -> Nullable<Text>,
        category -> Nullable<Text>,
        head -> Nullable<Text>,
        facts -> Jsonb,
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
    assignments,
    cycle_stages,
    cycle_units,
    cycles,
    employees,
    participants,
    plan_editions,
    plans,
    schemes,
    scoring_tasks,
    sheets,
    targets,
    tasks,
    units,
    working_calendars,
}
