//! The tables, printed from the migrated database; a test compares.

diesel::table! {
    approvals (company_id, step) {
        company_id -> Uuid,
        step -> Uuid,
        cycle -> Nullable<Uuid>,
        stage -> Text,
        label_zh -> Text,
        label_en -> Text,
        plan -> Nullable<Uuid>,
        kind -> Text,
        subject -> Text,
        also -> Array<Text>,
    }
}

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
        opens -> Nullable<Date>,
        due -> Nullable<Date>,
        dated_by -> Text,
        moved_why -> Nullable<Text>,
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
        name -> Nullable<Text>,
        has_release -> Bool,
        chosen -> Nullable<Jsonb>,
        cancelled_why -> Nullable<Text>,
    }
}

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
    employees (company_id, number) {
        company_id -> Uuid,
        number -> Text,
        name -> Text,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        version -> BigInt,
    }
}

diesel::table! {
    imported_periods (company_id, scheme, cadence, period) {
        company_id -> Uuid,
        scheme -> Text,
        cadence -> Text,
        period -> Text,
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
    placements (company_id, scheme, kind, place) {
        company_id -> Uuid,
        scheme -> Text,
        kind -> Text,
        place -> Integer,
        category -> Nullable<Text>,
        rule -> Text,
        made_by -> Text,
        made_at -> Timestamptz,
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
        cycle -> Nullable<Uuid>,
        subject -> Text,
        edition -> Integer,
        state -> Text,
        goals -> Jsonb,
        reason -> Nullable<Text>,
        submitted_by -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamptz>,
        version -> BigInt,
        kind -> Text,
        scheme -> Text,
        period -> Text,
        name -> Text,
        unit -> Nullable<Text>,
        superior -> Nullable<Text>,
        head -> Nullable<Text>,
        leader -> Nullable<Text>,
        agreed -> Jsonb,
    }
}

diesel::table! {
    row_sets (company_id, scheme, place, holder) {
        company_id -> Uuid,
        scheme -> Text,
        place -> Text,
        holder -> Text,
        rows -> Jsonb,
        made_by -> Text,
        made_at -> Timestamptz,
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
    settled_sheets (company_id, cycle, kind, subject, edition) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        edition -> Integer,
        state -> Text,
        told -> Bool,
        rows -> Jsonb,
        weights -> Jsonb,
        priorities -> Jsonb,
        why -> Nullable<Text>,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<Timestamptz>,
        version -> BigInt,
        rows_by -> Nullable<Text>,
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

diesel::table! {
    subject_changes (company_id, cycle, kind, subject, no) {
        company_id -> Uuid,
        cycle -> Uuid,
        kind -> Text,
        subject -> Text,
        no -> Integer,
        what -> Jsonb,
        followed -> Text,
        at -> Timestamptz,
        seen_by -> Nullable<Text>,
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
        position -> Nullable<Text>,
        category -> Nullable<Text>,
        category_by -> Nullable<Text>,
        own_category -> Nullable<Text>,
        superior -> Nullable<Text>,
        superior_above -> Nullable<Text>,
        head -> Nullable<Text>,
        co_head -> Nullable<Text>,
        head_since -> Nullable<Date>,
        leader -> Nullable<Text>,
        dotted -> Nullable<Text>,
        hired_on -> Nullable<Date>,
        left_on -> Nullable<Date>,
        facts -> Jsonb,
        standing -> Text,
        why -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        version -> BigInt,
        published -> Bool,
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
        holder -> Text,
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
        headships -> Jsonb,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    approvals,
    assignments,
    cycle_stages,
    cycles,
    decisions,
    directory_bodies,
    directory_calendars,
    directory_delegations,
    directory_people,
    documents,
    employees,
    imported_periods,
    panels,
    placements,
    plan_editions,
    plans,
    row_sets,
    schemes,
    sessions,
    settled_sheets,
    step_tasks,
    steps,
    subject_changes,
    subjects,
    targets,
    tasks,
    units,
}
