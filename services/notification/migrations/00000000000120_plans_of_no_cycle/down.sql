alter table tasks drop column scheme_zh, drop column scheme_en, drop column period;
