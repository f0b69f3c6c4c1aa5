package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// dice are what everything is drawn with.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 8))} } //nolint:gosec // a game, which is to be the same again

// happens is true so often of a hundred.
func (d dice) happens(percent float64) bool { return d.Float64()*100 < percent }

func (d dice) one(from []string) string { return from[d.IntN(len(from))] }

// company is a company as it truly is.
type company struct {
	id     int
	place  *country
	brand  string
	trade  string
	form   string
	domain string
	style  int    // how it makes its people's addresses
	desk   string // the number of its reception, E.164
	taken  map[string]bool
}

// person is somebody as they truly are.
type person struct {
	id            int
	place         *country
	given, family string
	second        string // another given name, "" for most
	maiden        string // the family name before a marriage, "" for most
	suffix        string // Jr. or Sr., which some write
	work          *company
	before        *company // where they worked before, nil for most
	title         string
	mail          string // of work
	oldMail       string // of the work before, or under the maiden name
	home          string // private
	mobile        string // E.164
	direct        string // the number on the desk
	devices       []string
	contact       string // in the CRM; "" when it does not have them
}

// world is everybody, and who is related to whom.
type world struct {
	dice      dice
	places    []country
	companies []*company
	people    []*person
	kiosks    []string // devices that many people use
	numbers   map[string]bool
	mails     map[string]bool // addresses that somebody has
	devices   int
}

// made makes a world of so many people.
func made(seed uint64, people int) *world {
	w := &world{dice: newDice(seed), places: countries(), numbers: map[string]bool{}, mails: map[string]bool{}}
	w.found(max(people/6, 4))
	for range max(people/200, 1) {
		w.kiosks = append(w.kiosks, w.device())
	}
	for len(w.people) < people {
		w.settle(w.companies[w.size()])
	}
	return w
}

// size draws a company, a few of them much more often than most.
func (w *world) size() int {
	n := float64(len(w.companies))
	return min(int(n*w.dice.Float64()*w.dice.Float64()), len(w.companies)-1)
}

// found founds companies. One in eight has the brand of another one, and is
// something else.
func (w *world) found(n int) {
	begin, end := brands()
	domains := map[string]bool{}
	for len(w.companies) < n {
		place := &w.places[w.dice.IntN(len(w.places))]
		c := &company{id: len(w.companies), place: place, trade: w.dice.one(place.trades), form: w.dice.one(place.forms), taken: map[string]bool{}}
		c.brand = w.dice.one(begin) + w.dice.one(end)
		if w.dice.happens(30) {
			c.brand = w.dice.one(place.begin) + w.dice.one(place.end)
		}
		if len(w.companies) > 0 && w.dice.happens(12) {
			c.brand = w.companies[w.dice.IntN(len(w.companies))].brand
		}
		c.domain = ascii(place, c.brand) + "." + w.tld(place)
		if domains[c.domain] {
			c.domain = ascii(place, c.brand) + "-" + ascii(place, c.trade) + "." + w.tld(place)
		}
		if domains[c.domain] {
			continue // there is one of that brand and that trade
		}
		domains[c.domain] = true
		c.style, c.desk = w.dice.IntN(3), w.number(place, place.landline)
		w.companies = append(w.companies, c)
	}
}

func (w *world) tld(p *country) string {
	if w.dice.happens(40) {
		return "com"
	}
	return p.tld
}

// settle lets somebody be born who works at a company, now and then together
// with a relative or somebody of the same name there.
func (w *world) settle(c *company) {
	p := w.born(c)
	switch {
	case w.dice.happens(1.5): // a father and a son, or a mother and a daughter, at one company
		q := w.born(c)
		q.family = p.family
		if w.dice.happens(30) {
			q.given, p.suffix, q.suffix = p.given, "Sr.", "Jr."
		} else if q.given == p.given {
			q.given += "a"
		}
		w.equip(q)
	case w.dice.happens(1.5): // two of one name at one company
		q := w.born(c)
		q.given, q.family = p.given, p.family
		w.equip(q)
	}
	w.equip(p)
}

func (w *world) born(c *company) *person {
	p := &person{id: len(w.people), place: c.place, work: c, title: w.dice.one(titles())}
	woman := w.dice.happens(50)
	p.given = w.dice.one(p.place.men)
	if woman {
		p.given = w.dice.one(p.place.women)
	}
	p.family = w.surname(p.place)
	if w.dice.happens(8) {
		p.second = w.dice.one(p.place.men)
		if woman {
			p.second = w.dice.one(p.place.women)
		}
	}
	if woman && w.dice.happens(6) {
		p.maiden = w.surname(p.place)
	}
	if w.dice.happens(12) {
		p.before = w.companies[w.dice.IntN(len(w.companies))]
	}
	w.people = append(w.people, p)
	return p
}

func (w *world) surname(p *country) string {
	if w.dice.happens(22) {
		return w.dice.one(p.frequent)
	}
	return w.dice.one(p.begin) + w.dice.one(p.end)
}

// equip gives somebody addresses, telephones and devices.
func (w *world) equip(p *person) {
	p.mail = p.work.address(p.place, p.given, p.family)
	switch {
	case p.before != nil:
		p.oldMail = p.before.address(p.place, p.given, p.family)
	case p.maiden != "":
		p.oldMail = p.work.address(p.place, p.given, p.maiden)
	}
	p.home = w.private(p)
	w.mails[p.mail], w.mails[p.oldMail], w.mails[p.home] = true, true, true
	p.mobile, p.direct = w.number(p.place, p.place.mobile), w.number(p.place, p.place.landline)
	for range 1 + w.dice.IntN(2) {
		p.devices = append(p.devices, w.device())
	}
	if w.dice.happens(45) {
		p.contact = fmt.Sprintf("c-%05d", p.id)
	}
}

// address is the one that a company gives to somebody.
func (c *company) address(p *country, given, family string) string {
	g, f := ascii(p, given), ascii(p, family)
	local := g + "." + f
	switch c.style {
	case 1:
		local = g[:1] + f
	case 2:
		local = f
	}
	for n := 2; ; n++ {
		if !c.taken[local] {
			c.taken[local] = true
			return local + "@" + c.domain
		}
		local = strings.TrimRight(local, "0123456789") + fmt.Sprint(n)
	}
}

// private makes an address of somebody's own.
func (w *world) private(p *person) string {
	g, f := ascii(p.place, p.given), ascii(p.place, p.family)
	local := []string{g + "." + f, g + f, g[:1] + f, g + "_" + f, f + g}[w.dice.IntN(5)]
	local += fmt.Sprint(60 + w.dice.IntN(940)) // no two alike, nearly
	for w.numbers[local] {
		local += fmt.Sprint(w.dice.IntN(10))
	}
	w.numbers[local] = true
	return local + "@" + w.dice.one(p.place.freeMail)
}

// number is one that nobody else has, in E.164.
func (w *world) number(p *country, prefixes []string) string {
	for {
		n := p.area + w.dice.one(prefixes)
		// No number of the North American plan begins with 0 or 1 behind the area.
		n += fmt.Sprint(2 + w.dice.IntN(8))
		for range p.remaining - 1 {
			n += fmt.Sprint(w.dice.IntN(10))
		}
		if !w.numbers[n] {
			w.numbers[n] = true
			return n
		}
	}
}

func (w *world) device() string {
	w.devices++
	return fmt.Sprintf("d-%06d", w.devices)
}
