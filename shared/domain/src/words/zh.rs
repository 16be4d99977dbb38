use rust_decimal::Decimal;

use super::language::{Comparison, Known, Language, Limit, Owner, Past, SharedPool, Word};
use super::statements::Section;
use crate::Locale;
use crate::money::plain;
use crate::period::Form;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::source::{Actor, Evidence, Gathering, GroupRule, PlaceRounding, RaterPresence, TiedPlaces, Within};
use crate::value::Kind;

pub(super) struct Chinese;

impl Language for Chinese {
    fn locale(&self) -> Locale {
        Locale::ZhCn
    }

    fn word(&self, word: Word) -> &'static str {
        match word {
            Word::Cycles => "考核周期",
            Word::Month => "考核月",
            Word::People => "人员",
            Word::Units => "单位",
            Word::Everybody => "全体",
            Word::NotAppraised => "不参加考核",
            Word::Always => "一律适用",
            Word::Sheet => "考核表",
            Word::UnitSheet => "单位考核表",
            Word::Weight => "权重",
            Word::MayBeSeveral => "可多人，取平均",
            Word::ScoreGiven => "给定分数",
            Word::EvidenceBelowFull => "低于满分的评分须写明依据",
            Word::ByHrOrExecutives => "由人力资源上报、公司领导确认，或由公司领导给定",
            Word::ByHr => "由人力资源部提供",
            Word::ByHrRowByRow => "由人力资源部逐条提供",
            Word::FromThePayProfile => "取自薪酬档案",
            Word::ByTheRater => "由评分人给出",
            Word::WhatTheItemCanEarn => "0分至该项满分",
            Word::EnteredWithScores => "评分时录入，或由人力资源部导入",
            Word::EnteredWithScoresOfEachItem => "各项评分时录入",
            Word::YesOrNo => "是或否，不填为否",
            Word::ADate => "日期",
            Word::AText => "文字",
            Word::MayBeNegative => "可为负数",
            Word::MayBeLeftOut => "可不填",
            Word::GradesBestFirst => "等级从高到低",
            Word::RoundedToTheCent => "四舍五入到分",
            Word::OwnHistory => "以往各期按本人所负责单位的等级计，未给出时按本单位的计",
            Word::FirstOfGroup => "同组中只取先符合的一条",
            Word::AllOthers => "其余",
            Word::Filed => "提出",
            Word::FiledAtAnyTime => "随时可以提出",
            Word::Answered => "答复",
            Word::DecidedBy => "受理",
            Word::Finally => "；最后的决定为最终决定",
            Word::DecidingGroup => "评议小组",
            Word::MustHold => "必须满足",
            Word::SelfAssessment => "员工先自评",
            Word::RatersTrained => "评分人须经培训",
            Word::PurposeNeeded => "查阅记录须说明用途",
            Word::InsideThePeriod => "只有考核期内的行为可作依据",
            Word::ApprovedBefore => "结果公布前的审批",
            Word::UnitByUnit => "逐部门",
            Word::WithReasonsOnly => "结果给出面谈原因的人员",
            Word::KnownFromThen => "结果自面谈之日起知悉，申诉期限由此起算",
            Word::UnitsTheyName => "抽查部门，所提建议须有答复",
            Word::BeforePublication => "此前不公布",
            Word::DaysBind => "逾期不受理",
            Word::HeardBeforePublication => "结果算出后、公布前即告知本人并听取意见",
            Word::MayAdjust => "可调整",
            Word::WheneverDue => "按周期内指定的日期",
            Word::PlansOfPeople => "个人计划",
            Word::PlansOfUnits => "部门计划",
            Word::PayBeforePayroll => "发放前的薪酬",
            Word::Kept => "记录保存",
            Word::KeptAfterLeaving => "离职后记录保存",
            Word::NotSetYet => "尚未设定",
            Word::NoneMayBeSet => "不设（可设定）",
            Word::History => "往期结果",
            Word::Nothing => "无",
            Word::Example => "算例（数字为虚构）",
            Word::NothingChanges => "对人员没有变化。",
        }
    }

    fn section(&self, section: Section) -> &'static str {
        match section {
            Section::Covered => "考核对象",
            Section::Sheets => "考核表与评分",
            Section::Inputs => "需要提供的数据",
            Section::Results => "得分与等级",
            Section::Pay => "薪酬",
            Section::Outcomes => "结果运用",
            Section::Interviews => "面谈",
            Section::Warnings => "提示",
            Section::Calendar => "日程",
            Section::Appeal => "申诉",
            Section::Workflow => "流程",
            Section::Settings => "公司可设定的值",
        }
    }

    fn comma(&self) -> &'static str {
        "、"
    }

    fn pause(&self) -> &'static str {
        "，"
    }

    fn semicolon(&self) -> &'static str {
        "；"
    }

    fn colon(&self) -> &'static str {
        "："
    }

    fn stop(&self) -> &'static str {
        "。"
    }

    fn aside(&self, text: &str) -> String {
        format!("（{text}）")
    }

    fn brackets(&self, text: &str) -> String {
        format!("（{text}）")
    }

    fn heading(&self, text: &str) -> String {
        format!("【{text}】")
    }

    fn part_of(&self, whole: &str, part: &str) -> String {
        format!("{whole}·{part}")
    }

    fn entry_of(&self, table: &str, key: &str) -> String {
        format!("{table}［{key}］")
    }

    fn row_of(&self, column: &str, row: &str) -> String {
        format!("{column}（第{row}条）")
    }

    fn truth(&self, flag: bool) -> &'static str {
        self.yes(flag)
    }

    fn yes(&self, flag: bool) -> &'static str {
        if flag { "是" } else { "否" }
    }

    fn and(&self) -> &'static str {
        "，且"
    }

    fn or(&self) -> &'static str {
        "，或"
    }

    fn known(&self, known: Known) -> &'static str {
        match known {
            Known::Category(Kind::Units) => "单位类别",
            Known::Category(_) => "人员类别",
            Known::ScoreGiven => "给定分数",
            Known::HiredOn => "入职日期",
            Known::LeftOn => "离职日期",
            Known::FirstDay => "考核期首日",
            Known::LastDay => "考核期末日",
            Known::PreviousScore => "上期得分",
            Known::PreviousGrade => "上期等级",
            Known::Weight => "权重",
        }
    }

    fn compared(&self, comparison: Comparison, a: &str, b: &str) -> String {
        let between = match comparison {
            Comparison::Is => "为",
            Comparison::IsNot => "不为",
            Comparison::Below => "低于",
            Comparison::AtMost => "不超过",
            Comparison::Above => "超过",
            Comparison::AtLeast => "达到",
        };
        format!("{a}{between}{b}")
    }

    fn is_one_of(&self, one: &str, entries: &str) -> String {
        format!("{one}为{entries}之一")
    }

    fn is_given(&self, what: &str) -> String {
        format!("有{what}")
    }

    fn is_not_given(&self, what: &str) -> String {
        format!("没有{what}")
    }

    fn not(&self, what: &str) -> String {
        format!("非“{what}”")
    }

    fn otherwise(&self, first: &str, rest: &[String]) -> String {
        format!("{first}（没有时为{}）", rest.join("，再没有时为"))
    }

    fn at_time(&self, past: Past, condition: &str, number: Decimal) -> String {
        let number = plain(number);
        match past {
            Past::InARow => format!("连续第{number}期：{condition}"),
            Past::TimesEver => format!("累计第{number}次：{condition}"),
            Past::TimesInTheYear | Past::MonthsOfThePeriod => format!("本年度第{number}次：{condition}"),
        }
    }

    fn of_history(&self, past: Past, condition: &str) -> String {
        match past {
            Past::InARow => format!("“{condition}”连续的期数"),
            Past::TimesEver => format!("累计“{condition}”的次数"),
            Past::TimesInTheYear => format!("本年度“{condition}”的次数"),
            Past::MonthsOfThePeriod => format!("期内“{condition}”的月数"),
        }
    }

    fn when_then(&self, when: &str, then: &str) -> String {
        format!("若{when}，为{then}")
    }

    fn else_then(&self, then: &str) -> String {
        format!("否则为{then}")
    }

    fn sum_of_rows(&self, list: &str, of: &str) -> String {
        format!("各条{list}的合计（每条：{of}）")
    }

    fn rows_for_which(&self, list: &str, condition: &str) -> String {
        format!("满足“{condition}”的{list}条数")
    }

    fn limited(&self, limit: Limit, bound: &str) -> String {
        match limit {
            Limit::AtLeast => format!("不低于{bound}"),
            Limit::AtMost => format!("不超过{bound}"),
        }
    }

    fn limited_where_set(&self, limit: Limit, bound: &str) -> String {
        format!("{}，未设定时不限", self.limited(limit, bound))
    }

    fn extreme(&self, limit: Limit, all: &[String]) -> String {
        match (limit, all) {
            (Limit::AtMost, [a, b]) => format!("{a}与{b}中的较小者"),
            (Limit::AtLeast, [a, b]) => format!("{a}与{b}中的较大者"),
            (Limit::AtMost, all) => format!("{}中的最小者", all.join("、")),
            (Limit::AtLeast, all) => format!("{}中的最大者", all.join("、")),
        }
    }

    fn excess(&self, a: &str, b: &str) -> String {
        format!("{a}超出{b}的部分")
    }

    fn shortfall(&self, a: &str, b: &str) -> String {
        format!("{b}不足{a}的部分")
    }

    fn rounds_words_in_brackets(&self) -> bool {
        false
    }

    fn rounded_down(&self, number: &str) -> String {
        format!("{number}向下取整")
    }

    fn for_every_full(&self, number: &str, step: &str) -> String {
        format!("{number}每满{step}计1")
    }

    fn rounded_up(&self, number: &str) -> String {
        format!("{number}向上取整")
    }

    fn size(&self, number: &str) -> String {
        format!("{number}的绝对值")
    }

    fn difference(&self, a: &str, b: &str) -> String {
        format!("{a}与{b}之差的绝对值")
    }

    fn rounded(&self, number: &str, places: &str) -> String {
        format!("{number}四舍五入到{places}位小数")
    }

    fn unless_by_zero(&self, quotient: &str, otherwise: &str) -> String {
        format!("{quotient}（除数为0时为{otherwise}）")
    }

    fn total(&self, section: Option<&str>) -> String {
        section.map_or_else(|| "各项得分之和".to_owned(), |section| format!("“{section}”各项得分之和"))
    }

    fn points(&self, rater: &str, section: Option<&str>) -> String {
        match section {
            None => format!("{rater}所评各项之和"),
            Some(section) => format!("{rater}所评“{section}”各项之和"),
        }
    }

    fn rated(&self, rater: &str, section: Option<&str>) -> String {
        match section {
            None => format!("{rater}已评分"),
            Some(section) => format!("{rater}已评“{section}”"),
        }
    }

    fn mix(&self, weights: &str) -> String {
        format!("各评价主体总分按{weights}的加权平均（只计已评分者）")
    }

    fn months_scored(&self) -> &'static str {
        "期内有得分的月数"
    }

    fn mean_of_months(&self, least: Option<&str>) -> String {
        match least {
            None => "期内各月得分的平均".to_owned(),
            Some(least) => format!("期内有得分各月的平均（至少{least}个月）"),
        }
    }

    fn closes(&self) -> bool {
        true
    }

    fn entry(&self, table: &str, key: &str, entries: &str) -> String {
        format!("{key}对应的{table}{entries}")
    }

    fn says_whose(&self, owner: Owner, name: &str) -> bool {
        match owner {
            Owner::Unit => ["单位", "部门"].iter().any(|whose| name.contains(whose)),
            Owner::Head => name.contains("负责人"),
            Owner::Company => name.contains("公司"),
        }
    }

    fn the(&self, name: &str) -> String {
        name.to_owned()
    }

    fn whose(&self, owner: Owner, name: &str) -> String {
        let whose = match owner {
            Owner::Unit => "单位",
            Owner::Head => "负责人",
            Owner::Company => "公司",
        };
        format!("{whose}的{name}")
    }

    fn points_by(&self, rater: &str) -> String {
        format!("{rater}评分")
    }

    fn points_on(&self, item: &str) -> String {
        format!("{item}得分")
    }

    fn named(&self, name: &str) -> String {
        format!("“{name}”")
    }

    fn set_by_company(&self, name: &str) -> String {
        format!("“{name}”（由公司设定）")
    }

    fn of_kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Company => "公司：",
            Kind::Units => "单位：",
            Kind::People => "",
        }
    }

    fn form(&self, form: Form) -> &'static str {
        match form {
            Form::Month => "（如2026-10）",
            Form::Quarter => "（如2026-Q3）",
            Form::HalfYear => "（如2026-H1）",
            Form::Year => "（如2026）",
            Form::FiscalYear => "（如FY2026，四月至次年三月）",
        }
    }

    fn month_from(&self, day: i8) -> String {
        format!("从上月{day}日到当月{}日", day - 1)
    }

    fn condition(&self, condition: &str) -> String {
        format!("条件：{condition}")
    }

    fn items(&self, count: usize, raters: &[String]) -> String {
        if raters.is_empty() {
            format!("{count}项")
        } else {
            format!("{count}项；评分人：{}", self.list(raters))
        }
    }

    fn in_steps_of(&self, step: &str) -> String {
        format!("以{step}分为单位")
    }

    fn presence(&self, presence: RaterPresence) -> Option<&'static str> {
        match presence {
            RaterPresence::Always => None,
            RaterPresence::AllOrNone => Some("全部评分或不评"),
            RaterPresence::AllOrNoneOfSection => Some("一个部分全部评分或不评"),
            RaterPresence::Any => Some("可只评部分"),
        }
    }

    fn evidence(&self, evidence: &Evidence) -> String {
        let from = evidence.points_from.map(|from| format!("{}分及以上", plain(from.0)));
        let to = evidence.points_to.map(|to| format!("{}分及以下", plain(to.0)));
        let points: Vec<String> = from.into_iter().chain(to).collect();
        format!("权重{}及以上的项目评{}须写明事例", plain(evidence.weight_from.0), points.join("或"))
    }

    fn weighing(&self, weight: &str) -> String {
        format!("权重{weight}")
    }

    fn guidance(&self, guidance: &str) -> String {
        if guidance.is_empty() { "评分指引待填写".to_owned() } else { format!("评分指引：{guidance}") }
    }

    fn points_are(&self, score: &str) -> String {
        format!("得分：{score}")
    }

    fn as_given_by(&self, raters: &str) -> String {
        format!("由{raters}评分")
    }

    fn item_at_most(&self, most: &str) -> String {
        format!("最高{most}")
    }

    fn rated_by(&self, raters: &[String]) -> String {
        format!("由{}评分", self.list(raters))
    }

    fn rater_label(&self, rater: &str) -> String {
        format!("{rater}评分")
    }

    fn whole_number(&self, bounds: &str) -> String {
        format!("整数，{bounds}")
    }

    fn if_left_out(&self, default: &str) -> String {
        format!("不填为{default}")
    }

    fn one_of(&self, all: &[String]) -> String {
        match all {
            [one, other] => format!("{one}或{other}"),
            all => format!("{}之一", self.list(all)),
        }
    }

    fn range(&self, least: Option<&str>, most: Option<&str>) -> String {
        match (least, most) {
            (Some(least), Some(most)) => format!("{least}至{most}"),
            (Some(least), None) => format!("不小于{least}"),
            (None, Some(most)) => format!("不大于{most}"),
            (None, None) => String::new(),
        }
    }

    fn above(&self, bound: &str) -> String {
        format!("大于{bound}")
    }

    fn below(&self, bound: &str) -> String {
        format!("小于{bound}")
    }

    fn multiple_of(&self, step: &str) -> String {
        format!("为{step}的倍数")
    }

    fn rounded_to(&self, places: u32) -> String {
        match places {
            0 => "四舍五入到整数".to_owned(),
            places => format!("四舍五入到{places}位小数"),
        }
    }

    fn by_bands(&self, of: &str) -> String {
        format!("按{of}")
    }

    fn band_from(&self, bound: &str) -> String {
        format!("{bound}及以上")
    }

    fn band_above(&self, bound: &str) -> String {
        format!("高于{bound}")
    }

    fn within(&self, within: Within) -> &'static str {
        match within {
            Within::Company => "全公司",
            Within::Unit => "本单位",
            Within::Category => "同类别",
        }
    }

    fn quota(&self, by: &str, within: Within) -> String {
        format!("在{}内按{by}从高到低排名，依次按比例（%）分档", self.within(within))
    }

    fn place_rounding(&self, rounding: PlaceRounding) -> &'static str {
        match rounding {
            PlaceRounding::Nearest => "累计名额四舍五入取整",
            PlaceRounding::Down => "累计名额向下取整，不超过比例",
            PlaceRounding::Up => "累计名额向上取整，不低于比例",
        }
    }

    fn ties(&self, ties: TiedPlaces) -> &'static str {
        match ties {
            TiedPlaces::Better => "同分跨档的都归较高一档",
            TiedPlaces::Worse => "同分跨档的都归较低一档",
        }
    }

    fn among(&self, condition: &str) -> String {
        format!("（只计：{condition}）")
    }

    fn rank(&self, by: &str, within: Within, from_the_end: bool) -> String {
        let place = if from_the_end { "倒数名次" } else { "名次" };
        format!("按{by}在{}内的{place}", self.within(within))
    }

    fn gathered_people(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Units => "各单位",
            Kind::People | Kind::Company => "人员",
        }
    }

    fn count_of_whom(&self, whom: &str, condition: &str) -> String {
        format!("{whom}中符合条件者的数目（{condition}）")
    }

    fn gathering(&self, how: Gathering, whom: &str, value: &str) -> String {
        match how {
            Gathering::Sum => format!("{whom}的{value}之和"),
            Gathering::Count => format!("{whom}的数目"),
            Gathering::Distinct => format!("{whom}的{value}有几种"),
        }
    }

    fn split(&self, pool: &str, weight: &str, within: Within) -> String {
        let within = self.within(within);
        format!("{pool}在{within}内按{weight}的比例分配；每份舍去不足一分的部分，余下的分按舍去的大小逐一补足")
    }

    fn guide(&self, of: &str, from_people: usize) -> String {
        format!("{of}的参考比例（%），{from_people}人起")
    }

    fn to_the_head(&self, both: bool) -> &'static str {
        if both { "单位主要负责人（两位）：" } else { "单位负责人：" }
    }

    fn part_of_year(&self, part: u8) -> String {
        format!("第{part}期")
    }

    fn date(&self, date: DatePhrase, monthly: bool) -> String {
        match date {
            DatePhrase::AfterEnd(term) => format!("考核期结束后{}", self.term(term)),
            DatePhrase::OfMonth { day, offset } => format!("{}{}", month(offset, monthly), day_of_month(day)),
            DatePhrase::OfYear { day, month, offset } => format!("{}{month}月{}", year(offset), day_of_month(day)),
        }
    }

    fn span(&self, opens: DatePhrase, due: DatePhrase, monthly: bool) -> String {
        let due = match (opens, due) {
            (DatePhrase::OfMonth { offset, .. }, DatePhrase::OfMonth { day, offset: other }) if offset == other => {
                day_of_month(day)
            }
            (DatePhrase::OfYear { offset, .. }, DatePhrase::OfYear { day, month, offset: other })
                if offset == other =>
            {
                format!("{month}月{}", day_of_month(day))
            }
            (DatePhrase::AfterEnd(_), DatePhrase::AfterEnd(term)) => self.term(term),
            (_, due) => self.date(due, monthly),
        };
        format!("{}至{due}", self.date(opens, monthly))
    }

    fn starting(&self, date: &str) -> String {
        format!("{date}起")
    }

    fn by(&self, date: &str) -> String {
        format!("{date}前")
    }

    fn term(&self, term: Term) -> String {
        match term {
            Term::Days(days) => format!("{days}日"),
            Term::WorkingDays(days) => format!("{days}个工作日"),
        }
    }

    fn actor(&self, actor: Actor) -> &'static str {
        match actor {
            Actor::Nobody => "",
            Actor::Employee => "本人",
            Actor::Superior => "直接上级",
            Actor::SuperiorOfSuperior => "间接上级",
            Actor::UnitHead => "部门负责人",
            Actor::Hr => "人力资源部",
            Actor::Executive => "公司领导",
            Actor::Committee => "考核委员会",
            Actor::Finance => "财务",
            Actor::Peers => "同事",
            Actor::LeadingGroup => "领导小组",
            Actor::PartyCommittee => "党委",
        }
    }

    fn after(&self, stages: &[String]) -> String {
        if stages.is_empty() {
            "与之前的阶段同时进行".to_owned()
        } else {
            format!("在{}之后", self.list(stages))
        }
    }

    fn sent_back_to(&self, stage: &str) -> String {
        format!("可退回“{stage}”")
    }

    fn in_turn(&self, roles: &[String]) -> String {
        roles.join("，再")
    }

    fn within_of_learning(&self, term: &str) -> String {
        format!("知悉结果后{term}内提出")
    }

    fn within_of_appeal(&self, term: &str) -> String {
        format!("提出后{term}内答复")
    }

    fn group(&self, group: &GroupRule) -> String {
        let odd = if group.odd { "，人数为单数" } else { "" };
        let speak = |(whom, least): (&String, &u8)| format!("，其中 {whom} 代表至少{least}人");
        let representatives: String = group.representatives.iter().map(speak).collect();
        format!("{}至{}人{odd}{representatives}", group.min, group.max)
    }

    fn years(&self, years: u16) -> String {
        format!("{years}年")
    }

    fn improvement(&self, months: u32, most_items: Option<u32>, (least, most): (&str, &str), from: &str) -> String {
        let items = most_items.map(|items| format!("最多{items}项，")).unwrap_or_default();
        format!("{months}个月，{items}按{least}–{most}分评估，{from}分及以上合格")
    }

    fn when_declined(&self, outcome: &str) -> String {
        format!("不接受的：{outcome}")
    }

    fn person(&self, number: &str) -> String {
        format!("员工{number}")
    }

    fn unit(&self, code: &str) -> String {
        format!("单位{code}")
    }

    fn rule(&self, rule: &str) -> String {
        format!("规则：{rule}")
    }

    fn before_bounds(&self, value: &str) -> String {
        format!("取整或限幅前：{value}")
    }

    fn decimals(&self, places: u32) -> String {
        format!("小数位数（四舍五入）：{places}")
    }

    fn place(&self, place: u32, among: u32) -> String {
        format!("名次：第{place}名，共{among}名")
    }

    fn gathered_from(&self, count: u32) -> String {
        format!("汇总自：{count}个")
    }

    fn moved(&self, (from, to): (&str, &str), who: &str, on: &str, why: &str) -> String {
        format!("{on} 由 {who} 从 {from} 调整为 {to}：{why}")
    }

    fn all_of(&self, who: &[String]) -> String {
        format!("{}签字", who.join("、"))
    }

    fn stands_unsigned_after(&self, term: &str) -> String {
        format!("{term}内未签字的，结果照常有效并注明未签字")
    }

    fn late_counts(&self, item: &str) -> String {
        format!("每逾期一次计入“{item}”")
    }

    fn approved_by(&self, who: &str) -> String {
        format!("由{who}审批")
    }

    fn written(&self, by: &[String], asked: &str) -> String {
        let (writer, others) = by.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
        let confirmed = if others.is_empty() { String::new() } else { format!("，{}确认", self.in_turn(others)) };
        format!("{writer}填写{confirmed}：{asked}")
    }

    fn made_for(&self, form: Form) -> &'static str {
        match form {
            Form::Month => "每月一份",
            Form::Quarter => "每季度一份",
            Form::HalfYear => "每半年一份",
            Form::Year => "每年一份",
            Form::FiscalYear => "每财年一份",
        }
    }

    fn changed_within_months(&self, months: u32) -> String {
        format!("批准后只在每期前 {months} 个月内变更")
    }

    fn moved_by(&self, who: &str, most: Option<&str>) -> String {
        let most = most.map(|most| format!("，上下合计不超过 {most}")).unwrap_or_default();
        format!("{who}，须说明理由{most}")
    }

    fn share(&self, share: &SharedPool<'_>) -> [String; 2] {
        let SharedPool { pool, weight, weights, among, down } = share;
        [
            format!("权数：{weight}；全部权数之和：{weights}（{among}份）"),
            format!("舍去不足一分后：{pool} × {weight} ÷ {weights} → {down}"),
        ]
    }

    fn nothing_shared(&self, pool: &str) -> String {
        format!("全部权数之和为 0：{pool} 未分给任何人")
    }

    fn cent(&self, amount: &str) -> String {
        format!("补足的余分：+ {amount}")
    }

    fn because(&self, given: &str, unit: Option<&str>, condition: &str) -> String {
        let unit = unit.map(|unit| format!("（作为{unit}的负责人）")).unwrap_or_default();
        format!("{given}{unit}——依据：{condition}")
    }

    fn not_appraised(&self, reason: &str) -> String {
        format!("不参加考核：{reason}")
    }

    fn gone(&self, statement: &str) -> String {
        format!("取消：{statement}")
    }

    fn added(&self, statement: &str) -> String {
        format!("新增：{statement}")
    }

    fn renamed(&self, was: &str, now: &str) -> String {
        format!("改称：{was} → {now}。")
    }

    fn becomes(&self, topic: &str, was: &str, now: &str) -> String {
        format!("{topic}：原为“{was}”，改为“{now}”。")
    }

    fn entry_becomes(&self, topic: &str, entry: &str, was: &str, now: &str) -> String {
        format!("{topic}，{entry}：{was} → {now}。")
    }

    fn entry_gone(&self, topic: &str, entry: &str, was: &str) -> String {
        format!("{topic}：不再有{entry}（原为{was}）。")
    }

    fn entry_new(&self, topic: &str, entry: &str, value: &str) -> String {
        format!("{topic}：新增{entry}（{value}）。")
    }
}

fn day_of_month(day: Option<i8>) -> String {
    day.map_or_else(|| "最后一日".to_owned(), |day| format!("{day}日"))
}

fn month(offset: i32, monthly: bool) -> String {
    match (offset, monthly) {
        (-1, true) => "上月".to_owned(),
        (0, true) => "当月".to_owned(),
        (1, true) => "次月".to_owned(),
        (0, false) => "期末月".to_owned(),
        (1, false) => "期末次月".to_owned(),
        (offset, _) if offset < 0 => format!("期末月前{}个月", -offset),
        (offset, _) => format!("期末月后{offset}个月"),
    }
}

fn year(offset: i16) -> String {
    match offset {
        -1 => "上年".to_owned(),
        0 => "当年".to_owned(),
        1 => "次年".to_owned(),
        other => format!("考核年{other:+}年"),
    }
}
