package inbound_test

import "testing"

func FuzzGoogleAds(f *testing.F)    { fuzzAdapter(f, "google-ads", "a-key-that-nobody-guesses") }
func FuzzGravityForms(f *testing.F) { fuzzAdapter(f, "gravity-forms", "a-key-that-nobody-guesses") }
func FuzzJotform(f *testing.F)      { fuzzAdapter(f, "jotform", "a-key-that-nobody-guesses") }
func FuzzLinkedIn(f *testing.F)     { fuzzAdapter(f, "linkedin", "a-key-that-nobody-guesses") }
func FuzzMeta(f *testing.F)         { fuzzAdapter(f, "meta", "a-key-that-nobody-guesses") }
func FuzzTally(f *testing.F)        { fuzzAdapter(f, "tally", "a-key-that-nobody-guesses") }
func FuzzUnbounce(f *testing.F)     { fuzzAdapter(f, "unbounce", "a-key-that-nobody-guesses") }
func FuzzWebflow(f *testing.F)      { fuzzAdapter(f, "webflow", "a-key-that-nobody-guesses") }
