package main

import "errors"

// company is what a marketer sees of the people of one company, and what they
// enter about one of them.
func (v *visitor) company(t *tab) {
	one, err := v.writes(t, "ines.chalk@chalkpit-works.example", "Ines", "Chalk", "Chalkpit Works")
	_, also := v.writes(t, "noor.basalt@chalkpit-works.example", "Noor", "Basalt", "Chalkpit Works Ltd")
	desk, failed := v.as(marketer)
	defer desk.close()
	if !v.check("a marketer signs in, and looks for a company", errors.Join(
		err, also, failed, desk.click(`.top nav a[href="/accounts"]`), desk.isAt("/accounts"), desk.fill("#q", "chalkpit"), desk.click("main form button"), desk.shows("main", "Chalkpit Works"),
	)) {
		return
	}
	v.inspect(desk, "accounts")
	v.check("its people are there, and the parts of its engagement add up", errors.Join(
		desk.open("/accounts/d:chalkpit-works.example"), desk.shows("#h-people ~ *", "Noor"), addUp(desk),
	))
	v.inspect(desk, "account")
	v.check("they enter what is known of somebody", errors.Join(
		desk.open("/leads/"+one.Key+"/data"), desk.shows("h1", "Enter what is known"), desk.fill(`input[type="tel"]`, "+1 415 555 0155"),
	))
	v.inspect(desk, "lead-data")
	v.check("and it stands in the profile, with what it means", errors.Join(
		desk.click("main form button"), desk.until(`!location.pathname.endsWith("/data") && document.readyState === "complete"`), v.Idle(t.ctx),
		desk.open("/leads/"+one.Key), desk.shows("#h-profile ~ *", "+14155550155"),
	))
}

// forgotten is a person who asks to be erased.
func (v *visitor) forgotten(t *tab) {
	l, err := v.writes(t, "vesna.pumice@pumice-trade.example", "Vesna", "Pumice", "Pumice Trade")
	boss, failed := v.as(operator)
	defer boss.close()
	if !v.check("an operator signs in, and goes from a lead to erasing", errors.Join(
		err, failed, boss.open("/leads/"+l.Key), boss.click(`a[href$="/erase"]`), boss.isAt("/leads/"+l.Key+"/erase"), boss.shows("main", "cannot be taken back"),
	)) {
		return
	}
	v.inspect(boss, "lead-erase")
	v.check("it is done", errors.Join(
		boss.choose("#reason", "request"), boss.click(`input[name="sure"]`), boss.click("main form button.danger"),
		boss.until(`!document.querySelector("main form") && document.readyState === "complete"`), v.Idle(t.ctx),
		boss.open("/leads/"+l.Key+"/erase"), boss.shows("main", "The person was erased"), boss.shows("main", "What nobody can call back"),
	))
	v.inspect(boss, "lead-erased")
	v.check("and nobody is there any more", errors.Join(boss.open("/leads/"+l.Key), boss.shows("main", "There is no such lead")))
	_, ok, err := v.Find(t.ctx, "vesna.pumice@pumice-trade.example")
	v.check("nor by the address", errors.Join(err, unless(!ok, "the lead is found")))
}
