#!/bin/bash
# A Slurm cluster of two nodes on this machine, for the test beside this file: slurm.sh
# start|stop|controller|node DIRECTORY [NODE]. `controller` and `node NODE` start a daemon again that was
# killed. Needs root and Debian's slurm-wlm and munge.
set -eu
directory=${2:?a directory}
export SLURM_CONF=$directory/slurm.conf

controller() { setsid slurmctld -D >>"$directory/controller.out" 2>&1 & }
node() { setsid slurmd -D -N "$1" >>"$directory/$1.out" 2>&1 & }

configure() {
  local host
  host=$(hostname -s)
  mkdir -p "$directory"/{state,spool.n1,spool.n2,tmp.n1,tmp.n2}
  : >"$directory/plugstack.conf"
  [ -e "$directory/munge.key" ] || (umask 077 && head -c 1024 /dev/urandom >"$directory/munge.key")
  cat >"$SLURM_CONF" <<CONFIGURATION
ClusterName=terrane
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$directory/munge.socket
SlurmctldPort=16917
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool.%n
TmpFS=$directory/tmp.%n
SlurmctldPidFile=$directory/controller.pid
SlurmdPidFile=$directory/%n.pid
SlurmctldLogFile=$directory/controller.log
SlurmdLogFile=$directory/%n.log
PlugStackConfig=$directory/plugstack.conf
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SlurmdTimeout=20
ReturnToService=2
KillWait=5
MinJobAge=600
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17101-17102] CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=4000 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
CONFIGURATION
}

case $1 in
start)
  configure
  chmod 755 "$directory"
  munged --foreground --key-file="$directory/munge.key" --socket="$directory/munge.socket" \
    --pid-file="$directory/munge.pid" --seed-file="$directory/munge.seed" --log-file="$directory/munge.log" \
    >"$directory/munge.out" 2>&1 &
  sleep 1
  controller
  sleep 1
  node n1
  node n2
  for _ in $(seq 60)
  do
    [ "$(timeout 5 sinfo -h -N -o %t 2>/dev/null | grep -c '^idle$')" = 2 ] && exit 0
    sleep .5
  done
  echo "the cluster did not come up; its logs are in $directory" >&2
  exit 1
  ;;
controller) controller ;;
node) node "${3:?a node}" ;;
stop)
  for name in n1 n2 controller munge
  do
    if [ -e "$directory/$name.pid" ]
    then
      kill "$(cat "$directory/$name.pid")" 2>/dev/null || :
    fi
  done
  ;;
esac
