-- Tasks about plans that are no cycle's say themselves to which scheme and period they belong; their cycle is all zeros.
alter table tasks add column scheme_zh text, add column scheme_en text, add column period text;
-- They were told under the plan in place of a cycle before, and are told anew.
delete from tasks t where t.source = 'planning' and t.path like '/v1/planning/steps/%'
  and not exists (select from cycles c where c.company_id = t.company_id and c.cycle = t.cycle);
