#!/bin/sh
# Stands in for an ngspice that does not end.
if [ "$1" = --version ]; then echo "** ngspice-39 : Circuit level simulation program"; exit 0; fi
sleep 60
