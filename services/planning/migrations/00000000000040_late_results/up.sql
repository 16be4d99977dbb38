-- Who has a published result: about these nothing changes here any more, while the cycle goes on for the others.
alter table subjects add column published boolean not null default false;
update subjects s set published = true
from cycles c where c.company_id = s.company_id and c.id = s.cycle and c.state = 'published' and s.standing <> 'out';

-- Periods of which scoring holds results of before: no cycle is opened for these or for earlier ones.
create table imported_periods (
    company_id uuid not null,
    scheme text not null,
    cadence text not null,
    period text not null,
    primary key (company_id, scheme, cadence, period)
);
