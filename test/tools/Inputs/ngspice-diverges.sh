#!/bin/sh
# Stands in for an ngspice that stops with a convergence failure.
if [ "$1" = --version ]; then echo "** ngspice-39 : Circuit level simulation program"; exit 0; fi
echo 'doAnalyses: TRAN:  Timestep too small; time = 1.25e-05, timestep = 1.25e-20: trouble with node "xcore.m_fc2_1"'
echo partial > core.raw
