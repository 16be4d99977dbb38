-- Tasks about plans that are no cycle's say themselves to which scheme and period they belong; their cycle is all zeros.
alter table tasks add column scheme_zh text, add column scheme_en text, add column period text;
