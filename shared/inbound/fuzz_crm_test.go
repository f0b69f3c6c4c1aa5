package inbound_test

import "testing"

func FuzzCalcom(f *testing.F)     { fuzzAdapter(f, "calcom", fuzzKey) }
func FuzzCalendly(f *testing.F)   { fuzzAdapter(f, "calendly", fuzzKey) }
func FuzzPipedrive(f *testing.F)  { fuzzAdapter(f, "pipedrive", fuzzKey) }
func FuzzSalesforce(f *testing.F) { fuzzAdapter(f, "salesforce", fuzzKey) }
