package main

func (v *visitor) managersDay(t *tab)  {}
func (v *visitor) twoDecide(t *tab)    {}
func (v *visitor) sickDay(t *tab)      {}
func (v *visitor) marketersDay(t *tab) {}
func (v *visitor) operatorsDay(t *tab) {}
