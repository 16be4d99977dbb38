use std::collections::BTreeMap;

use domain::scheme::{InputView, Scheme};

/// What a scheme asks of people where pay is run, by category.
pub struct Asked<'s> {
    scheme: &'s Scheme,
    cadence: &'s str,
    by_category: BTreeMap<Option<String>, AskedOf>,
}

/// What is asked of the people of one category.
pub struct AskedOf {
    /// Of their profiles.
    pub pay: Vec<InputView>,
    /// Facts that only pay knows.
    pub facts: Vec<InputView>,
}

impl<'s> Asked<'s> {
    pub fn new(scheme: &'s Scheme, cadence: &'s str) -> Self {
        Self { scheme, cadence, by_category: BTreeMap::new() }
    }

    pub fn scheme(&self) -> &'s Scheme {
        self.scheme
    }

    /// Whether there is such a fact of anybody that only pay knows.
    pub fn knows_fact(&mut self, name: &str) -> bool {
        let categories = self.scheme.people_categories().iter().map(|category| Some(category.code.clone()));
        let categories: Vec<Option<String>> = categories.chain([None]).collect();
        let knows = |asked: &AskedOf| asked.facts.iter().any(|fact| fact.name == name);
        categories.iter().any(|category| knows(self.of(category.as_deref())))
    }

    /// What is asked of the people of a category; where the scheme knows no categories, of all.
    pub fn of(&mut self, category: Option<&str>) -> &AskedOf {
        let category = category.filter(|_| !self.scheme.people_categories().is_empty());
        self.by_category.entry(category.map(str::to_owned)).or_insert_with(|| AskedOf {
            pay: self.scheme.pay_inputs(self.cadence, category),
            facts: self.scheme.paid_facts(self.cadence, category),
        })
    }
}
