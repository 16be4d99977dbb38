-- Whoever publishes or corrects asks for the company's latest result first.
create index results_by_time on results (company_id, made_at);
