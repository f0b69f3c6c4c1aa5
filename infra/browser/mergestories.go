package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/handoff-oss/handoff/infra/stack"
)

// writes sends the form of a page as somebody of a name at a company.
func (v *visitor) writes(t *tab, email, given, family, company string) (stack.Lead, error) {
	body := url.Values{"email": {email}, "first_name": {given}, "last_name": {family}, "company": {company}, "form": {"Newsletter"}}.Encode()
	r, err := v.Do(t.ctx, http.MethodPost, v.form(t), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(body))
	if err != nil {
		return stack.Lead{}, err
	}
	l, ok, err := v.found(t, email)
	return l, errors.Join(err, unless(r.OK(), "the form is answered %d", r.Status), unless(ok, "no lead %s", email))
}

// onePerson is a person under two addresses: suggested, compared, merged, and
// taken apart again.
func (v *visitor) onePerson(t *tab) {
	one, err := v.writes(t, "rosalind.hazelwood@hazel.example", "Rosalind", "Hazelwood", "Hazel Ltd")
	other, also := v.writes(t, "roz.h@mail.example", "Rosalind", "Hazelwood", "HAZEL Inc.")
	desk, failed := v.as(marketer)
	defer desk.close()
	if !v.check("a marketer signs in, and goes to the duplicates", errors.Join(err, also, failed, desk.click(`.top nav a[href="/duplicates"]`), desk.isAt("/duplicates"))) {
		return
	}
	v.check("the two are there, with the reasons", errors.Join(desk.shows("#pairs", "Rosalind Hazelwood"), desk.shows("#pairs", "The companies are one by name")))
	v.inspect(desk, "duplicates")
	v.check("they are compared, and it says what a merge would do", errors.Join(
		desk.click(fmt.Sprintf(`#pairs tr:has(a[href="/leads/%s"]) a.button`, one.Key)), desk.shows("h1", "Are these one person?"), desk.shows(".will", "becomes part of it"),
	))
	v.check("the parts of the score add up", addUp(desk))
	v.inspect(desk, "duplicates-pair")
	v.check("without a reason nothing is ordered", errors.Join(desk.click(`form:has([value="merge"]) button`), desk.until(`document.querySelector("#why-one:invalid")`)))
	v.check("with one they are merged", errors.Join(
		desk.fill("#why-one", "The same on the phone"), desk.click(`form:has([value="merge"]) button`), desk.until(`location.pathname.startsWith("/leads/") && document.readyState === "complete"`), v.Idle(t.ctx),
		desk.open("/leads/"+one.Key), desk.shows("#identities", "The same on the phone"),
	))
	v.inspect(desk, "lead-merged")
	v.check("the page of either is the page of both", errors.Join(desk.open("/leads/"+other.Key), desk.shows("#identities", "The same on the phone")))
	v.check("the merge is taken back", errors.Join(
		desk.click("#identities a.button"), desk.shows("h1", "Take this merge back?"), desk.shows(".will", "There are two leads again"),
	))
	v.inspect(desk, "lead-split")
	v.check("and they are two again", errors.Join(
		desk.fill("#reason", "Twins"), desk.click("main form button"),
		desk.until(`!location.pathname.includes("/merges/") && document.readyState === "complete"`), v.Idle(t.ctx),
		desk.open("/leads/"+one.Key), desk.isAt("/leads/"+one.Key), desk.open("/leads/"+other.Key), desk.isAt("/leads/"+other.Key),
		desk.until(fmt.Sprintf(`!document.querySelector("#identities").innerText.includes(%q)`, "The same on the phone")),
	))
	v.check("and not suggested any more", errors.Join(
		desk.open("/duplicates"), desk.until(`!document.querySelector("#pairs").innerText.includes("Rosalind")`),
	))
	v.inspect(desk, "duplicates-judged")
}
