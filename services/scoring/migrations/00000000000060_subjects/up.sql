-- People and units are appraised alike; what each rater gives is a form of their own, what nobody rates is a fact, and
-- results keep what they were computed from.

-- What the organisation tells: whom a form can be given to, and who sits in which body.
create table people (
    company_id uuid not null,
    number text not null,
    name text not null,
    unit text,
    version bigint not null,
    primary key (company_id, number)
);

create table bodies (
    company_id uuid not null,
    code text not null,
    name_zh text not null,
    name_en text not null,
    seats jsonb not null,
    version bigint not null,
    primary key (company_id, code)
);

-- Published cycles go on; whatever was open is opened anew.
alter table sheets rename to legacy_sheets;
alter table legacy_sheets rename constraint sheets_pkey to legacy_sheets_pkey;
alter table legacy_sheets rename constraint sheets_company_id_id_key to legacy_sheets_company_id_id_key;
alter index sheets_by_unit rename to legacy_sheets_by_unit;
drop index sheets_by_superior;
drop index sheets_incomplete;
alter table units rename to legacy_units;
alter table legacy_units rename constraint units_pkey to legacy_units_pkey;
alter table corrections rename to legacy_corrections;
alter table legacy_corrections rename constraint corrections_pkey to legacy_corrections_pkey;
drop table closing_units;
drop index cycles_at_work;

alter table cycles drop constraint cycles_state_check;
update cycles set state = case state when 'published' then 'published' else 'cancelled' end;
alter table cycles
    add column name text,
    drop column released,
    drop column sheets_expected,
    drop column closing_since,
    -- How often results of it were published.
    add column publications int not null default 0,
    alter column state set default 'open',
    add constraint cycles_state_check check (state in ('open', 'computing', 'computed', 'published', 'cancelled'));
alter table cycles rename column closed_at to computed_at;
update cycles set publications = 1 where state = 'published';

create table subjects (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null check (kind in ('person', 'unit')),
    subject text not null,
    name text not null,
    -- Of a unit: itself.
    unit text not null,
    position text,
    category text,
    own_category text,
    superior text,
    superior_above text,
    head text,
    co_head text,
    head_since date,
    leader text,
    dotted text,
    hired_on date,
    left_on date,
    facts jsonb not null,
    standing text not null check (standing in ('in', 'excluded', 'out')),
    why text,
    version bigint not null,
    -- HR leaves them out of this cycle.
    left_out_why text,
    left_out_by text,
    primary key (company_id, cycle, kind, subject)
);
create index subjects_by_unit on subjects (company_id, cycle, unit, kind, subject);
create index subjects_by_id on subjects (company_id, kind, subject, cycle);
create index subjects_by_superior on subjects (company_id, superior, cycle);
insert into subjects (company_id, cycle, kind, subject, name, unit, category, head, facts, standing, version)
select u.company_id, u.cycle, 'unit', u.code, u.name, u.code, u.category, u.head, u.facts, 'in', 0
from legacy_units u join cycles c on c.company_id = u.company_id and c.id = u.cycle and c.state = 'published';
insert into subjects (company_id, cycle, kind, subject, name, unit, position, category, superior, head, hired_on, left_on, facts, standing, version)
select s.company_id, s.cycle, 'person', s.number, s.name, s.unit, s.position, s.category, s.superior, u.head, s.hired_on, s.left_on, s.facts, 'in', 0
from legacy_sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle and c.state = 'published'
left join legacy_units u on u.company_id = s.company_id and u.cycle = s.cycle and u.code = s.unit;

create table sheets (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    -- 1, and one more when it is changed or redone.
    edition int not null,
    id uuid not null,
    counts boolean not null,
    rows jsonb not null,
    weights jsonb not null,
    priorities text[] not null,
    settled_version bigint not null,
    version bigint not null,
    primary key (company_id, cycle, kind, subject, edition),
    unique (company_id, id)
);
create unique index sheets_that_count on sheets (company_id, cycle, kind, subject) where counts;
insert into sheets (company_id, cycle, kind, subject, edition, id, counts, rows, weights, priorities, settled_version, version)
select s.company_id, s.cycle, 'person', s.number, 1, s.id, true, '[]', s.weights, s.priorities, s.settled_version, s.version
from legacy_sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle and c.state = 'published';

-- What one rater gives about one subject, whole.
create table assignments (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    edition int not null,
    -- The kind of rater.
    rater_column text not null,
    -- Only these items; null: all that nobody else of the column has.
    items text[],
    rater_kind text not null check (rater_kind in ('person', 'body', 'unit', 'role')),
    rater text not null,
    named_by text,
    until date,
    state text not null check (state in ('open', 'submitted', 'declined', 'replaced', 'void')),
    -- Nobody waits for it.
    optional boolean not null,
    -- How many values or examples it lacks.
    missing int not null,
    reason text,
    replaces uuid,
    acted_by text,
    -- {place: {row or '': {input: value}}}
    given jsonb not null default '{}',
    evidence jsonb not null default '{}',
    submitted_at timestamptz,
    version bigint not null default 1,
    primary key (company_id, id)
);
create unique index assignments_once on assignments (company_id, cycle, kind, subject, edition, rater_column, rater_kind, rater, items)
    nulls not distinct where state in ('open', 'submitted');
create index assignments_by_subject on assignments (company_id, cycle, kind, subject);
create index assignments_by_rater on assignments (company_id, rater, cycle) where state in ('open', 'submitted');
create index assignments_open on assignments (company_id, cycle) where state = 'open';
insert into assignments (company_id, id, cycle, kind, subject, edition, rater_column, rater_kind, rater, state, optional, missing, acted_by, given, submitted_at)
select s.company_id, gen_random_uuid(), s.cycle, 'person', s.number, 1, part.key,
    case when part.key in ('self', 'superior') then 'person' else 'role' end,
    case part.key when 'self' then s.number when 'superior' then coalesce(s.superior, 'hr') else 'hr' end,
    'submitted', false, 0, part.value ->> 'by', '{}', (part.value ->> 'at')::timestamptz
from legacy_sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle and c.state = 'published'
cross join lateral jsonb_each(s.submitted) part;

-- Every value that no rater gives; the latest of a path counts.
create table facts (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    -- fact.NAME, score, item.CODE.INPUT
    path text not null,
    no int not null,
    -- null takes the value away
    value jsonb not null,
    latest boolean not null,
    source text not null check (source in ('entered', 'machine', 'file', 'derived')),
    said text,
    reason text,
    file uuid,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, cycle, kind, subject, path, no)
);
create unique index facts_latest on facts (company_id, cycle, kind, subject, path) where latest;

create table files (
    company_id uuid not null,
    id uuid not null,
    cycle uuid,
    sha256 text not null,
    lines bigint not null,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, id)
);

-- What happens and is recorded: incidents, adjustments, commendations.
create table entries (
    company_id uuid not null,
    id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    list text not null,
    cells jsonb not null,
    said text,
    made_by text not null,
    made_at timestamptz not null,
    withdrawn_by text,
    withdrawn_at timestamptz,
    primary key (company_id, id)
);
create index entries_by_subject on entries (company_id, cycle, kind, subject, list, id);

-- Behaviour with a day; a cycle reads those of its period.
create table notes (
    company_id uuid not null,
    id uuid not null,
    kind text not null,
    subject text not null,
    about text not null check (about in ('good', 'bad', 'slip', 'merit')),
    happened_on date not null,
    text text not null,
    made_by text not null,
    made_at timestamptz not null,
    primary key (company_id, id)
);
create index notes_by_subject on notes (company_id, kind, subject, happened_on, id);

alter table recusals rename column number to subject;
alter table recusals add column kind text not null default 'person' check (kind in ('person', 'unit'));
alter table recusals alter column kind drop default;
alter table recusals drop constraint recusals_pkey;
alter table recusals add primary key (company_id, cycle, kind, subject, rater);

alter table results rename column number to subject;
alter table results
    add column kind text not null default 'person' check (kind in ('person', 'unit')),
    add column edition int not null default 1,
    add column outputs jsonb not null default '{}',
    -- What the engine was given, as it takes a person or a unit.
    add column inputs text compression lz4,
    add column run int not null default 0,
    -- Null before publication.
    add column publication int,
    add column because text,
    add column document text;
alter table results alter column kind drop default, alter column edition drop default, alter column outputs drop default, alter column run drop default;
alter table results drop constraint results_pkey;
alter table results add primary key (company_id, cycle, kind, subject, version);
drop index results_by_number;
create index results_by_subject on results (company_id, kind, subject, cycle);
drop index results_by_unit;
create index results_by_unit on results (company_id, cycle, unit, kind, subject);
delete from results r using cycles c where c.company_id = r.company_id and c.id = r.cycle and c.state <> 'published';
update results set publication = 1, because = case when version > 1 then 'correction' end;
insert into results (company_id, cycle, kind, subject, version, id, edition, unit, name, category, outcomes, interview, score, grade, coefficient, scores,
    outputs, carried, explanation, made_by, made_at, run, publication)
select r.company_id, r.cycle, 'unit', r.unit, 1, gen_random_uuid(), 1, r.unit, u.name, u.category, r.outcomes, '{}', r.score, r.grade, r.coefficient, '{}',
    '{}', r.carried, 'null', 'system', coalesce(c.computed_at, c.published_at), 0, 1
from unit_results r
join cycles c on c.company_id = r.company_id and c.id = r.cycle and c.state = 'published'
join legacy_units u on u.company_id = r.company_id and u.cycle = r.cycle and u.code = r.unit;
drop table unit_results;
create table publications (
    company_id uuid not null,
    cycle uuid not null,
    no int not null,
    made_by text not null,
    made_at timestamptz not null,
    results bigint not null,
    announced_at timestamptz,
    primary key (company_id, cycle, no)
);
insert into publications (company_id, cycle, no, made_by, made_at, results, announced_at)
select c.company_id, c.id, 1, 'system', c.published_at, (select count(*) from results r where r.company_id = c.company_id and r.cycle = c.id and r.version = 1 and r.kind = 'person'), c.announced_at
from cycles c where c.state = 'published';

-- The units whose results a publication still has to tell.
create table announcements (
    company_id uuid not null,
    cycle uuid not null,
    publication int not null,
    unit text not null,
    announced_at timestamptz,
    primary key (company_id, cycle, publication, unit)
);
create index announcements_to_make on announcements (company_id, cycle, publication, unit) where announced_at is null;
-- What an older version published and has not told to the end is told by this one.
insert into announcements (company_id, cycle, publication, unit)
select u.company_id, u.cycle, 1, u.code from legacy_units u
join cycles c on c.company_id = u.company_id and c.id = u.cycle and c.state = 'published' and c.announced_at is null
where u.announced_at is null;
alter table cycles drop column announced_at;

create table runs (
    company_id uuid not null,
    cycle uuid not null,
    no int not null,
    -- Facts of the company as they were.
    company_facts jsonb not null,
    started_by text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    primary key (company_id, cycle, no)
);

-- What the closing job works through: a unit each, or one piece `*` where a scheme ranks the whole company.
create table run_pieces (
    company_id uuid not null,
    cycle uuid not null,
    piece text not null,
    subjects bigint not null,
    state text not null check (state in ('pending', 'done')),
    -- What pay needs to know of the company; on one piece of the cycle.
    carried jsonb,
    done_at timestamptz,
    primary key (company_id, cycle, piece)
);
create index run_pieces_pending on run_pieces (company_id, cycle, piece) where state = 'pending';

-- Whoever could not be computed in the last run, and what they lack; the company itself has kind company.
create table run_missing (
    company_id uuid not null,
    cycle uuid not null,
    kind text not null,
    subject text not null,
    errors jsonb not null,
    primary key (company_id, cycle, kind, subject)
);

create table warnings (
    company_id uuid not null,
    cycle uuid not null,
    piece text not null,
    code text not null,
    primary key (company_id, cycle, piece, code)
);

-- Results from before this system, or from elsewhere. Never paid.
create table imported_results (
    company_id uuid not null,
    scheme text not null,
    cadence text not null,
    period text not null,
    kind text not null,
    subject text not null,
    score numeric,
    grade text,
    outcomes text[] not null,
    made_by text not null,
    made_at timestamptz not null,
    version bigint not null,
    primary key (company_id, scheme, cadence, kind, subject, period)
);

-- What an older version kept of published cycles: raters' values on their forms, the others as facts, and with each
-- result what it was computed from.
update assignments a set given = g.given, evidence = g.evidence from (
    select s.company_id, s.cycle, s.number, part.key as part,
        (select coalesce(jsonb_object_agg(i.key, jsonb_build_object('', jsonb_build_object(part.key, i.value -> part.key))), '{}')
         from jsonb_each(s.inputs) i where i.value ? part.key) as given,
        (select coalesce(jsonb_object_agg(i.key, jsonb_build_object('', jsonb_build_object(part.key, i.value -> part.key))), '{}')
         from jsonb_each(s.evidence) i where i.value ? part.key) as evidence
    from legacy_sheets s cross join lateral jsonb_each(s.submitted) part) g
where a.company_id = g.company_id and a.cycle = g.cycle and a.subject = g.number and a.rater_column = g.part;
insert into facts (company_id, cycle, kind, subject, path, no, value, latest, source, made_by, made_at)
select s.company_id, s.cycle, 'person', s.number, 'item.' || i.key || '.' || v.key, 1, v.value, true, 'entered', 'system', c.published_at
from legacy_sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle and c.state = 'published'
cross join lateral jsonb_each(s.inputs) i cross join lateral jsonb_each(i.value) v where not s.submitted ? v.key
union all
select s.company_id, s.cycle, 'person', s.number, 'fact.' || f.key, 1, f.value, true, 'entered', 'system', c.published_at
from legacy_sheets s join cycles c on c.company_id = s.company_id and c.id = s.cycle and c.state = 'published'
cross join lateral jsonb_each(s.entered_facts) f
union all
select u.company_id, u.cycle, 'unit', u.code, 'fact.' || f.key, 1, f.value, true, 'entered', 'system', c.published_at
from legacy_units u join cycles c on c.company_id = u.company_id and c.id = u.cycle and c.state = 'published'
cross join lateral jsonb_each(u.entered_facts) f
union all
select u.company_id, u.cycle, 'unit', u.code, 'score', 1, to_jsonb(u.score), true, 'entered', coalesce(u.score_by, 'system'), c.published_at
from legacy_units u join cycles c on c.company_id = u.company_id and c.id = u.cycle and c.state = 'published' where u.score is not null;
update results r set inputs = jsonb_build_object(
    'number', s.number, 'unit', s.unit, 'category', s.category, 'hired_on', s.hired_on, 'left_on', s.left_on,
    'facts', s.facts || s.entered_facts, 'weights', nullif(s.weights, '{}'),
    'items', coalesce((select k.inputs from legacy_corrections k where k.company_id = r.company_id and k.cycle = r.cycle
        and k.number = r.subject and k.version <= r.version order by k.version desc limit 1), s.inputs),
    'history', (select coalesce(jsonb_agg(jsonb_build_object('period', p.period, 'score', p.score, 'grade', p.grade)), '[]') from (
        select distinct on (e.cycle) b.period, trim_scale(e.score)::text as score, e.grade
        from results e join cycles b on b.company_id = e.company_id and b.id = e.cycle
        where e.company_id = r.company_id and e.kind = 'person' and e.subject = r.subject and e.cycle <> r.cycle and e.excluded is null
          and e.made_at <= r.made_at and b.published_at <= r.made_at
          and b.scheme_code = (select o.scheme_code from cycles o where o.company_id = r.company_id and o.id = r.cycle)
        order by e.cycle, e.version desc) p where p.score is not null or p.grade is not null))::text
from legacy_sheets s
where s.company_id = r.company_id and s.cycle = r.cycle and s.number = r.subject and r.kind = 'person';
update results r set inputs = jsonb_build_object('code', u.code, 'category', u.category, 'score', u.score, 'head', u.head,
    'facts', u.facts || u.entered_facts)::text
from legacy_units u where u.company_id = r.company_id and u.cycle = r.cycle and u.code = r.subject and r.kind = 'unit';
alter table results alter column inputs set not null;
drop table legacy_sheets, legacy_units, legacy_corrections;

create or replace function refresh_statistics() returns void
language sql security definer set search_path from current
as $$
    analyze subjects, sheets, assignments, facts, results;
$$;

call tells('run_pieces');
call tells('announcements');
